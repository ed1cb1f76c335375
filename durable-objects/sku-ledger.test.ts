import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { chainHash, GENESIS_HASH } from "../domain/books/chain.ts";
import { Sku } from "./sku.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { readLedger } from "../test/system/support/ledger-check.ts";
import { ManualRuntime } from "../test/system/support/manual-runtime.ts";
import { bindings, createItem, levelOf, rowsOf } from "../test/system/support/objects.ts";
import {
  checkoutOf,
  control,
  NOON_MS,
  reservation,
  SECOND_MS,
} from "../test/system/support/samples.ts";

const clock = useTestClock();

const ADAS = "order-of-ada-key-1";

/** An item with every kind of event in its ledger. */
async function eventfulItem(): Promise<DurableObjectStub<Sku>> {
  const sku = await createItem({ stock: 5, perShopper: 5 });
  for (const shopper of ["ada", "bob", "cyd", "dan"]) await sku.reserve(reservation(shopper));
  await sku.checkout("order-of-ada-key-1", "ada", checkoutOf());
  await sku.paymentResult("order-of-ada-key-1", 1, { kind: "authorised" });
  await sku.paymentResult("order-of-ada-key-1", 1, { kind: "captured" });
  await sku.checkout("order-of-bob-key-1", "bob", checkoutOf());
  await sku.paymentResult("order-of-bob-key-1", 1, { kind: "declined", reason: "no" });
  await sku.checkout("order-of-bob-key-1", "bob", checkoutOf({ idempotencyKey: "again" }));
  await sku.cancel("order-of-cyd-key-1", "cyd");
  await sku.restock(3, "found a box", "command-1", { actor: "staff:ola" });
  clock.advance(130 * SECOND_MS);
  await sku.restock(-1, "broken one", "command-2");
  await sku.paymentResult("order-of-bob-key-1", 2, { kind: "voided" });
  return sku;
}

describe("the ledger", () => {
  it("has a row for every fact, in sequence, each with the counters after it", async () => {
    const sku = await eventfulItem();
    const events = await sku.ledger(0);
    expect(events.map(({ type, quantity }) => [type, quantity])).toEqual([
      ["created", 5],
      ["reserved", 1],
      ["reserved", 1],
      ["reserved", 1],
      ["reserved", 1],
      ["payment_pending", 1],
      ["confirmed", 1],
      ["captured", 1],
      ["payment_pending", 1],
      ["payment_declined", 1],
      ["payment_pending", 1],
      ["cancelled", 1],
      ["restocked", 3],
      ["payment_failed", 1],
      ["expired", 1],
      ["restocked", -1],
      ["voided", 1],
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(await levelOf(sku)).toEqual({ stock: 7, available: 6, held: 0, sold: 1 });
  });

  it("is a chain that another bookkeeper finds whole, up to the item's own head", async () => {
    const sku = await eventfulItem();
    const reading = await readLedger(sku);
    expect(reading.brokenAt).toBeNull();
    expect(reading.level).toEqual(await levelOf(sku));
    const [item] = await rowsOf<{ head_hash: string }>(sku, "SELECT head_hash FROM item");
    expect(item?.head_hash).toBe(reading.headHash);
  });

  it.each([
    ["a quantity", 3, '"quantity":1', '"quantity":2'],
    ["a time", 6, `"atMs":${NOON_MS}`, `"atMs":${NOON_MS + 1}`],
    ["who bought", 2, '"shopper":"ada"', '"shopper":"eve"'],
    ["a reason", 13, "found a box", "found a fox"],
  ])("shows a changed byte: %s", async (_, sequence, from, to) => {
    const sku = await eventfulItem();
    await runInDurableObject(sku, (_, { storage }) => {
      const changed = storage.sql.exec(
        "UPDATE ledger SET event = replace(event, ?, ?) WHERE sequence = ? RETURNING event",
        from,
        to,
        sequence,
      );
      expect(changed.one()["event"]).toContain(to);
    });
    expect((await readLedger(sku)).brokenAt).toBe(sequence);
  });

  it("shows a row that was taken out", async () => {
    const sku = await eventfulItem();
    await rowsOf(sku, "DELETE FROM ledger WHERE sequence = 8");
    expect((await readLedger(sku)).brokenAt).toBe(9);
  });

  it("never tells a payment token or a key", async () => {
    const sku = await eventfulItem();
    const text = JSON.stringify(await sku.ledger(0));
    expect(text).not.toContain("tok_");
    expect(text).not.toContain("body-1");
    expect(text).not.toContain("idempotency");
  });

  it("is read in pages of at most 500, after a sequence", async () => {
    const sku = await createItem({ stock: 600 });
    await Promise.all(
      Array.from({ length: 520 }, (_, index) => sku.reserve(reservation(`s-${index}`))),
    );
    const first = await sku.ledger(0);
    expect(first).toHaveLength(500);
    const rest = await sku.ledger(first.at(-1)?.sequence ?? 0);
    expect(rest.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 21 }, (_, index) => 501 + index),
    );
    expect(await sku.ledger(521)).toEqual([]);
  });
});

describe("who did it", () => {
  it("is said by every row: a shopper, staff, or what made the system do it", async () => {
    const sku = await eventfulItem();
    const actors = (await sku.ledger(0)).map(({ type, actor }) => `${type} ${actor}`);
    expect(actors).toEqual([
      "created system:shop",
      "reserved shopper:ada",
      "reserved shopper:bob",
      "reserved shopper:cyd",
      "reserved shopper:dan",
      "payment_pending shopper:ada",
      "confirmed system:provider",
      "captured system:provider",
      "payment_pending shopper:bob",
      "payment_declined system:provider",
      "payment_pending shopper:bob",
      "cancelled shopper:cyd",
      "restocked staff:ola",
      "payment_failed system:clock",
      "expired system:clock",
      "restocked system:shop",
      "voided system:provider",
    ]);
  });

  it("comes with where the request came from; what follows by itself is part of the purchase's trace", async () => {
    const sku = await createItem({ stock: 1 });
    const from = { address: "network-1", device: "browser-1", traceparent: "00-purchase" };
    await sku.reserve(reservation("ada", { from }));
    await sku.checkout(ADAS, "ada", checkoutOf({ from: { ...from, traceparent: "00-checkout" } }));
    await sku.paymentResult(ADAS, 1, { kind: "authorised" });
    await sku.paymentResult(ADAS, 1, { kind: "captured" });
    await sku.refund(ADAS, { actor: "staff:ola", reason: "broken", address: "network-2" });
    const origins = (await sku.ledger(1)).map(({ type, address, device, traceparent }) => {
      return [type, address, device, traceparent];
    });
    expect(origins).toEqual([
      ["reserved", "network-1", "browser-1", "00-purchase"],
      ["payment_pending", "network-1", "browser-1", "00-checkout"],
      ["confirmed", undefined, undefined, "00-purchase"],
      ["captured", undefined, undefined, "00-purchase"],
      ["refunding", "network-2", undefined, "00-purchase"],
    ]);
  });

  it("of a purchase's network is no limit's business: nothing is counted that is only told", async () => {
    const sku = await createItem({ perAddress: 1, perShopper: 5 });
    const from = { address: "network-1" };
    await sku.reserve(reservation("ada", { from }));
    expect(await sku.reserve(reservation("bob", { from }))).toMatchObject({ ok: true });
  });

  it("is said of the waiting list too: who joined and left, and that an offer came by itself", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    for (const [number, shopper] of ["bob", "cyd", "dan"].entries())
      await sku.joinWaitlist({
        orderId: `offer-of-${shopper}`,
        shopper,
        number,
        quantity: 1,
        from: { device: "browser-1", traceparent: `00-${shopper}` },
      });
    await sku.leaveWaitlist("cyd", { address: "network-2" });
    await sku.cancel(ADAS, "ada", { traceparent: "00-cancel" });
    await sku.leaveWaitlist("bob", { traceparent: "00-decline" });
    clock.advance(130 * SECOND_MS);
    await runDurableObjectAlarm(sku);
    const rows = (await sku.ledger(2)).map((event) => {
      const { type, actor, number, order, traceparent, device } = event;
      return [type, actor, number ?? order?.number, traceparent, device];
    });
    expect(rows).toEqual([
      ["list_joined", "shopper:bob", 0, "00-bob", "browser-1"],
      ["list_joined", "shopper:cyd", 1, "00-cyd", "browser-1"],
      ["list_joined", "shopper:dan", 2, "00-dan", "browser-1"],
      ["list_left", "shopper:cyd", 1, "00-cyd", undefined],
      ["cancelled", "shopper:ada", 1, "00-cancel", undefined],
      ["offered", "system:waitlist", 0, "00-bob", undefined],
      ["cancelled", "shopper:bob", 0, "00-decline", undefined],
      ["offered", "system:waitlist", 2, "00-dan", undefined],
      ["expired", "system:clock", 2, "00-dan", undefined],
    ]);
  });

  it("is the system where somebody is passed over", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    await sku.joinWaitlist({ orderId: "offer", shopper: "bob", number: 7, quantity: 1 });
    await sku.applyControl(control({ version: 2, revoked: [7] }));
    await sku.cancel(ADAS, "ada");
    expect((await sku.ledger(0)).at(-1)).toMatchObject({
      type: "list_left",
      actor: "system:waitlist",
      number: 7,
      reason: expect.stringContaining("taken back"),
    });
  });
});

describe("refused purchases", () => {
  it("are counted in memory, and written together ten seconds after the first", async () => {
    const sku = await createItem({ stock: 1 });
    await runInDurableObject(sku, async (_, state) => {
      const runtime = new ManualRuntime();
      const object = new Sku(state, bindings, runtime);
      const refusedRows = () =>
        object.ledger(0).flatMap(({ type, refusals, quantity, order, actor }) => {
          return type === "refused" ? [{ refusals, quantity, order, actor }] : [];
        });
      const reserve = async (shopper: string, quantity = 1) => {
        const answer = object.reserve(reservation(shopper, { quantity, bodyHash: `${quantity}` }));
        await runtime.advance(0);
        return answer;
      };
      await reserve("ada");
      for (const shopper of ["bob", "cyd", "dan"]) await reserve(shopper);
      await runtime.advance(9_999);
      await reserve("eve", 3);
      expect(refusedRows()).toEqual([]);
      await runtime.advance(1);
      const first = {
        refusals: { sold_out: 3, limit_reached: 1 },
        quantity: 0,
        order: null,
        actor: "system:shop",
      };
      expect(refusedRows()).toEqual([first]);
      await runtime.advance(60_000);
      await reserve("fay");
      await runtime.advance(10_000);
      expect(refusedRows()).toEqual([first, { ...first, refusals: { sold_out: 1 } }]);
      expect(object.stats()?.refusals).toEqual({ sold_out: 4, limit_reached: 1 });
    });
    expect((await readLedger(sku)).brokenAt).toBeNull();
  });
});

describe("the chain", () => {
  it("is read as it is stored, a page at a time, with where it stands", async () => {
    const sku = await eventfulItem();
    const { head, rows } = await sku.chain(3);
    expect(rows.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 14 }, (_, index) => 4 + index),
    );
    expect(head).toEqual(await sku.head());
    expect(head).toMatchObject({ sequence: 17, hash: rows.at(-1)?.hash });
    expect(head.chain).toMatch(/^item\/phone-/);
    const [before] = (await sku.chain(2)).rows;
    let hash = before?.hash ?? "";
    for (const row of rows) expect((hash = chainHash(hash, row.text))).toBe(row.hash);
    await sku.acked(1, 5);
    expect(await sku.chain(17)).toEqual({ head, rows: [], mirroredThrough: expect.any(Number) });
    expect((await sku.chain(17)).mirroredThrough).toBeGreaterThanOrEqual(5);
  });

  it("of an item that was never created is empty", async () => {
    const nothing = bindings.SKU.getByName("nothing-here");
    expect(await nothing.head()).toBeNull();
    expect(await nothing.chain(0)).toEqual({
      head: { chain: "item/nothing-here", sequence: 0, hash: GENESIS_HASH },
      rows: [],
      mirroredThrough: 0,
    });
  });
});

describe("restocking", () => {
  it("is done once for each command id, and a repeat gives the first answer", async () => {
    const sku = await createItem({ stock: 5 });
    const first = await sku.restock(3, "found a box", "command-1");
    await sku.reserve(reservation("ada"));
    expect(await sku.restock(3, "found a box", "command-1")).toEqual(first);
    expect(await levelOf(sku)).toEqual({ stock: 8, available: 7, held: 1, sold: 0 });
    expect(await sku.restock(4, "found a box", "command-1")).toMatchObject({
      ok: false,
      code: "idempotency_conflict",
    });
    expect(await levelOf(sku)).toMatchObject({ stock: 8 });
    await sku.restock(3, "another box", "command-2");
    expect(await levelOf(sku)).toMatchObject({ stock: 11 });
  });

  it("many times at once is once", async () => {
    const sku = await createItem({ stock: 5 });
    await Promise.all(Array.from({ length: 10 }, () => sku.restock(3, "a box", "command-1")));
    expect(await levelOf(sku)).toMatchObject({ stock: 8 });
  });

  it("never takes away what is held or sold, and a refusal is not remembered", async () => {
    const sku = await createItem({ stock: 3 });
    await sku.reserve(reservation("ada"));
    expect(await sku.restock(-3, "lost", "command-1")).toMatchObject({
      code: "validation_failed",
    });
    expect(await levelOf(sku)).toEqual({ stock: 3, available: 2, held: 1, sold: 0 });
    expect(await sku.restock(-2, "lost", "command-1")).toMatchObject({ ok: true });
    expect(await levelOf(sku)).toEqual({ stock: 1, available: 0, held: 1, sold: 0 });
  });

  it("reopens what was sold out, and says when it sold out", async () => {
    const sku = await createItem({ stock: 1 });
    expect((await sku.stats())?.soldOutAtMs).toBeNull();
    await sku.reserve(reservation("ada"));
    await sku.checkout("order-of-ada-key-1", "ada", checkoutOf());
    expect((await sku.stats())?.soldOutAtMs).toBeNull();
    clock.advance(SECOND_MS);
    await sku.paymentResult("order-of-ada-key-1", 1, { kind: "authorised" });
    expect((await sku.stats())?.soldOutAtMs).toBe(NOON_MS + SECOND_MS);
    clock.advance(SECOND_MS);
    await sku.paymentResult("order-of-ada-key-1", 1, { kind: "captured" });
    expect((await sku.stats())?.soldOutAtMs).toBe(NOON_MS + SECOND_MS);
    await sku.restock(1, "one more", "command-1");
    expect((await sku.stats())?.soldOutAtMs).toBeNull();
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ ok: true });
  });
});
