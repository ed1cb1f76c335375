import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { useTestClock } from "../test/system/support/clock.ts";
import { readLedger } from "../test/system/support/ledger-check.ts";
import { createItem, errorOf, levelOf } from "../test/system/support/objects.ts";
import { reservation } from "../test/system/support/samples.ts";

useTestClock();

const CROWD = Array.from({ length: 200 }, (_, index) => reservation(`shopper-${index}`));

describe("a crowd at one item", () => {
  it("200 callers for 50 units: exactly 50 are held", async () => {
    const sku = await createItem({ stock: 50 });
    const answers = await Promise.all(CROWD.map((command) => sku.reserve(command)));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(50);
    expect(await levelOf(sku)).toEqual({ stock: 50, available: 0, held: 50, sold: 0 });
    const stats = await sku.stats();
    expect(stats?.refusals).toEqual({ sold_out: 150 });
    expect(stats?.commands).toBe(201);
    expect(stats?.commits).toBeLessThan(201);
    expect((await readLedger(sku)).brokenAt).toBeNull();
  });

  it("200 who wait when the object turns to them are one commit", async () => {
    const sku = await createItem({ stock: 50 });
    const answers = await runInDurableObject(sku, (object) =>
      Promise.all(CROWD.map((command) => object.reserve(command))),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(50);
    expect(await sku.stats()).toMatchObject({ commits: 2, commands: 201 });
    expect(await levelOf(sku)).toEqual({ stock: 50, available: 0, held: 50, sold: 0 });
  });

  it("more than 500 are more than one commit; more than 5,000 at once are told to come back", async () => {
    const sku = await createItem({ stock: 50 });
    const [command = reservation("ada")] = CROWD;
    const answers = await runInDurableObject(sku, (object) =>
      Promise.all(Array.from({ length: 5_003 }, () => object.reserve(command))),
    );
    const busy = answers.filter((answer) => !answer.ok);
    expect(busy).toEqual([1, 2, 3].map(() => ({ ok: false, code: "busy", retryAfterSeconds: 1 })));
    expect(await sku.stats()).toMatchObject({ commits: 11, commands: 5_001 });
    expect(await levelOf(sku)).toMatchObject({ held: 1 });
  });

  it("is served in the order in which it came", async () => {
    const sku = await createItem({ stock: 3 });
    const answers = await runInDurableObject(sku, (object) =>
      Promise.all(["ada", "bob", "cyd", "dan", "eve"].map((s) => object.reserve(reservation(s)))),
    );
    expect(answers.map((answer) => answer.ok)).toEqual([true, true, true, false, false]);
  });

  it("all of one shopper: the limit holds inside a commit", async () => {
    const sku = await createItem({ stock: 50, perShopper: 3 });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        sku.reserve(reservation("ada", { idempotencyKey: `key-${index}` })),
      ),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(3);
    expect(await levelOf(sku)).toMatchObject({ held: 3 });
  });

  it("all from one network, and all with one key: what stands before them in the commit counts", async () => {
    const sku = await createItem({ stock: 50, perAddress: 2 });
    const key = { idempotencyKey: "key" };
    const answers = await runInDurableObject(sku, (object) =>
      Promise.all([
        object.reserve(reservation("ada", { ...key, address: "network-1" })),
        object.reserve(reservation("bob", { ...key, address: "network-1" })),
        object.reserve(reservation("cyd", { ...key, address: "network-1" })),
        object.reserve(reservation("dan", { ...key, address: "network-2" })),
        object.reserve(reservation("ada", { ...key, address: "network-1", bodyHash: "other" })),
        object.reserve(reservation("ada", { ...key, address: "network-1", orderId: "again" })),
      ]),
    );
    expect(answers.map((answer) => (answer.ok ? answer.orderId : answer.code))).toEqual([
      "order-of-ada-key",
      "order-of-bob-key",
      "limit_reached",
      "order-of-dan-key",
      "idempotency_conflict",
      "order-of-ada-key",
    ]);
    expect(await sku.stats()).toMatchObject({
      commits: 2,
      refusals: { limit_reached: 1, idempotency_conflict: 1 },
      level: { held: 3 },
    });
  });

  it("whole quantities or nothing: three of two units take none, the next takes both", async () => {
    const sku = await createItem({ stock: 2, perShopper: 5 });
    const [three, two] = await Promise.all([
      sku.reserve(reservation("ada", { quantity: 3 })),
      sku.reserve(reservation("bob", { quantity: 2 })),
    ]);
    expect(three).toMatchObject({ code: "sold_out" });
    expect(two).toMatchObject({ ok: true });
  });
});

describe("a command that throws", () => {
  it("fails alone: what it wrote is undone, its neighbours stand", async () => {
    const sku = await createItem({ stock: 10 });
    const before = (await sku.stats())?.commits ?? 0;
    const [first, broken, last] = await runInDurableObject(sku, (object) =>
      Promise.allSettled([
        object.reserve(reservation("ada")),
        // Half a unit passes the rules and fails in the second of its two writes.
        object.restock(0.5, "half", "command-1"),
        object.reserve(reservation("bob")),
      ]),
    );
    expect(first).toMatchObject({ status: "fulfilled", value: { ok: true } });
    expect(broken.status).toBe("rejected");
    expect(last).toMatchObject({ status: "fulfilled", value: { ok: true } });
    expect((await sku.stats())?.commits).toBe(before + 1);
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 8, held: 2, sold: 0 });
    expect((await sku.ledger(0)).map((event) => event.type)).toEqual([
      "created",
      "reserved",
      "reserved",
    ]);
    expect((await readLedger(sku)).brokenAt).toBeNull();
  });

  it("fails alone among purchases that are decided together", async () => {
    const sku = await createItem({ stock: 10 });
    const answers = await runInDurableObject(sku, (object) =>
      Promise.allSettled([
        object.reserve(reservation("ada")),
        object.reserve(reservation("bob", { quantity: 0.5 })),
        object.reserve(reservation("cyd", { quantity: 99 })),
        object.reserve(reservation("dan")),
      ]),
    );
    expect(answers).toMatchObject([
      { value: { ok: true } },
      { status: "rejected" },
      { value: { code: "limit_reached" } },
      { value: { ok: true } },
    ]);
    expect(await sku.stats()).toMatchObject({ commits: 2, refusals: { limit_reached: 1 } });
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 8, held: 2, sold: 0 });
    expect((await readLedger(sku)).brokenAt).toBeNull();
  });

  it("takes back among purchases what it has written, wherever it throws", async () => {
    const sku = await createItem({ stock: 10 });
    const answers = await runInDurableObject(sku, (object, { storage }) => {
      // The counters are written last: by then hold and ledger have their rows.
      storage.sql.exec(`CREATE TRIGGER second BEFORE UPDATE ON item WHEN NEW.held >= 2
        BEGIN SELECT raise(FAIL, 'no second'); END`);
      const names = ["ada", "bob", "cyd"];
      return Promise.allSettled(names.map((name) => object.reserve(reservation(name))));
    });
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 9, held: 1, sold: 0 });
    expect(await sku.ledger(0)).toHaveLength(2);
    expect((await readLedger(sku)).brokenAt).toBeNull();
    const holds = await runInDurableObject(sku, (_, { storage }) => {
      storage.sql.exec("DROP TRIGGER second");
      return storage.sql.exec<{ shopper: string }>("SELECT shopper FROM hold").toArray();
    });
    expect(holds).toEqual([{ shopper: "ada" }]);
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ ok: true });
    expect(await levelOf(sku)).toMatchObject({ held: 2 });
  });

  it("leaves nothing behind, so that it may be repeated rightly", async () => {
    const sku = await createItem({ stock: 10 });
    const half = runInDurableObject(sku, (object) =>
      errorOf(object.restock(0.5, "half", "command-1")),
    );
    expect(await half).toContain("INTEGER");
    expect(await sku.restock(1, "whole", "command-1")).toMatchObject({
      ok: true,
      level: { stock: 11 },
    });
  });

  it("is what a quantity gets that no gateway lets through: the counters stand", async () => {
    const sku = await createItem({ stock: 10, perShopper: 100 });
    for (const quantity of [-1, 1.5, Number.NaN]) {
      const error = runInDurableObject(sku, (object) =>
        errorOf(object.reserve(reservation("ada", { quantity }))),
      );
      expect(await error).toMatch(/INTEGER|Invariant/);
    }
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 10, held: 0, sold: 0 });
    expect(await sku.ledger(0)).toHaveLength(1);
  });
});
