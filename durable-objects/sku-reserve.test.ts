import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ProblemCode } from "../domain/problem.ts";
import type { ReserveCommand } from "../domain/purchase/stock.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import {
  bindings,
  createItem,
  levelOf,
  rowsOf,
  termsOf,
  uniqueName,
  type ItemOptions,
} from "../test/system/support/objects.ts";
import { control, HOUR_MS, NOON_MS, reservation } from "../test/system/support/samples.ts";

const clock = useTestClock();

describe("creating an item", () => {
  it("twice is once: the first stock and price stand", async () => {
    const sku = await createItem({ sku: "created-twice", stock: 10 });
    await sku.reserve(reservation("ada"));
    const again = termsOf("created-twice", { price: { amount: 1, currency: "EUR" } });
    expect(await sku.create(again, control(), 99)).toEqual({ ok: true });
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 9, held: 1, sold: 0 });
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ ok: true, amount: 49_900 });
    expect((await sku.ledger(0)).map((event) => event.type)).toEqual([
      "created",
      "reserved",
      "reserved",
    ]);
  });

  it("for another sale is refused and changes nothing", async () => {
    const sku = await createItem({ sku: "taken", stock: 10 });
    const refusal = await sku.create(termsOf("taken", { saleId: "other" }), control(), 5);
    expect(refusal).toMatchObject({
      ok: false,
      code: "validation_failed",
      errors: [{ path: "items", message: "SKU taken belongs to another sale." }],
    });
    expect(await levelOf(sku)).toMatchObject({ stock: 10 });
  });

  it("comes first: an object that was never created knows nothing", async () => {
    const sku = bindings.SKU.getByName(uniqueName("nothing"));
    expect(await sku.reserve(reservation("ada"))).toEqual({ ok: false, code: "not_found" });
    expect(await sku.cancel("o", "ada")).toEqual({ ok: false, code: "not_found" });
    expect(await sku.order("o", "ada")).toEqual({ ok: false, code: "not_found" });
    expect(await sku.restock(1, "why", "c")).toEqual({ ok: false, code: "not_found" });
    expect(await sku.paymentResult("o", 1, { kind: "authorised" })).toEqual({
      ok: false,
      code: "not_found",
    });
    expect(await sku.applyControl(control({ version: 9 }))).toEqual({ ok: true });
    expect(await sku.stats()).toBeNull();
    expect(await sku.ledger(0)).toEqual([]);
    await sku.acked(1, 5);
    expect(await runDurableObjectAlarm(sku)).toBe(false);
  });
});

describe("reserving", () => {
  it("answers with the order, its expiry and its total", async () => {
    const sku = await createItem({ holdSeconds: 60 });
    expect(await sku.reserve(reservation("ada", { orderId: "o-1", quantity: 2 }))).toEqual({
      ok: true,
      orderId: "o-1",
      expiresAtMs: NOON_MS + 60_000,
      amount: 99_800,
      currency: "EUR",
    });
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 8, held: 2, sold: 0 });
  });

  it.each<
    [name: string, options: ItemOptions, command: Partial<ReserveCommand>, code: ProblemCode]
  >([
    ["an expired pass", {}, { passExpiresAtMs: NOON_MS }, "pass_expired"],
    ["a draft", { control: { mode: "draft" } }, {}, "sale_not_started"],
    ["before the start", { control: { startsAtMs: NOON_MS + 1 } }, {}, "sale_not_started"],
    ["a paused sale", { control: { mode: "paused" } }, {}, "sale_paused"],
    ["an ended sale", { control: { mode: "ended" } }, {}, "sale_ended"],
    ["after the end", { control: { endsAtMs: NOON_MS } }, {}, "sale_ended"],
    ["more than the limit", {}, { quantity: 3 }, "limit_reached"],
    ["more than there is", { stock: 1 }, { quantity: 2 }, "sold_out"],
    ["no stock", { stock: 0 }, {}, "sold_out"],
    [
      "expired, ended and sold out",
      { stock: 0, control: { mode: "ended" } },
      { passExpiresAtMs: 0, quantity: 3 },
      "pass_expired",
    ],
    [
      "ended, over the limit and sold out",
      { stock: 0, control: { mode: "ended" } },
      { quantity: 3 },
      "sale_ended",
    ],
    ["over the limit and sold out", { stock: 0 }, { quantity: 3 }, "limit_reached"],
  ])("%s is refused, counted, and writes nothing", async (_, options, command, code) => {
    const sku = await createItem(options);
    const before = await levelOf(sku);
    expect(await sku.reserve(reservation("ada", command))).toMatchObject({ ok: false, code });
    expect(await levelOf(sku)).toEqual(before);
    expect(await sku.ledger(0)).toHaveLength(1);
    expect((await sku.stats())?.refusals).toEqual({ [code]: 1 });
  });

  it("says what the limit is and what the shopper has", async () => {
    const sku = await createItem({ perShopper: 2 });
    await sku.reserve(reservation("ada"));
    const second = reservation("ada", { idempotencyKey: "key-2", quantity: 2 });
    expect(await sku.reserve(second)).toMatchObject({
      code: "limit_reached",
      limit: 2,
      held: 1,
      bought: 0,
    });
  });

  it("counts the limit by shopper, and gives it back with what was cancelled", async () => {
    const sku = await createItem({ perShopper: 1 });
    const first = reservation("ada");
    const second = reservation("ada", { idempotencyKey: "key-2" });
    await sku.reserve(first);
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ ok: true });
    expect(await sku.reserve(second)).toMatchObject({ code: "limit_reached" });
    await sku.cancel(first.orderId, "ada");
    expect(await sku.reserve(second)).toMatchObject({ ok: true, orderId: second.orderId });
  });

  it("counts all who come from one network where that is limited, in the same transaction", async () => {
    const sku = await createItem({ perAddress: 2 });
    const from = (shopper: string, address: string) =>
      sku.reserve(reservation(shopper, { address }));
    const [first, ...others] = await Promise.all(
      ["ada", "bob", "cyd"].map((shopper) => from(shopper, "network-1")),
    );
    expect([first, ...others].filter((answer) => answer?.ok)).toHaveLength(2);
    const refused = { code: "limit_reached", scope: "address", limit: 2, held: 2, bought: 0 };
    expect(others.at(-1)).toMatchObject(refused);
    expect(await from("dan", "network-2")).toMatchObject({ ok: true });
    expect(await sku.reserve(reservation("eve"))).toMatchObject({ ok: true });
    expect(await from("cyd", "network-1")).toMatchObject(refused);
    expect(await from("ada", "network-1")).toEqual(first);
    await sku.cancel("order-of-ada-key-1", "ada");
    expect(await from("cyd", "network-1")).toMatchObject({ ok: true });
  });

  it("keeps nothing of a network where none is limited, and tells the ledger of none", async () => {
    const open = await createItem();
    await open.reserve(reservation("ada", { address: "network-1" }));
    const limited = await createItem({ perAddress: 2 });
    await limited.reserve(reservation("ada", { address: "network-1" }));
    const query = "SELECT address, body FROM hold";
    expect(JSON.stringify(await rowsOf(open, query))).not.toContain("network-1");
    expect(await rowsOf(limited, query)).toMatchObject([{ address: "network-1" }]);
    expect(JSON.stringify(await limited.ledger(0))).not.toContain("network-1");
  });

  it("a refusal is not stored: the same key may succeed later", async () => {
    const sku = await createItem({ stock: 1 });
    const other = reservation("bob");
    await sku.reserve(other);
    expect(await sku.reserve(reservation("ada"))).toMatchObject({ code: "sold_out" });
    await sku.cancel(other.orderId, "bob");
    expect(await sku.reserve(reservation("ada"))).toMatchObject({ ok: true });
  });
});

describe("the same key and body", () => {
  it("give the same answer for ever: after a cancel, sold out, the pass's expiry, the end", async () => {
    const sku = await createItem({ stock: 2 });
    const command = reservation("ada", { orderId: "first", passExpiresAtMs: NOON_MS + 1_000 });
    const first = await sku.reserve(command);
    expect(first).toMatchObject({ ok: true, orderId: "first" });
    const again = () => sku.reserve({ ...command, orderId: "second", number: 99 });

    expect(await again()).toEqual(first);
    await sku.reserve(reservation("bob"));
    expect(await sku.reserve(reservation("cyd"))).toMatchObject({ code: "sold_out" });
    expect(await again()).toEqual(first);
    clock.advance(1_000);
    expect(await again()).toEqual(first);
    await sku.cancel("first", "ada");
    expect(await again()).toEqual(first);
    clock.advance(2 * HOUR_MS);
    expect(await sku.reserve(reservation("dan"))).toMatchObject({ code: "pass_expired" });
    expect(await again()).toEqual(first);
    expect((await sku.ledger(0)).filter((event) => event.order?.orderId === "second")).toEqual([]);
  });

  it("many times at once hold one unit", async () => {
    const sku = await createItem();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        sku.reserve(reservation("ada", { orderId: `o-${index}` })),
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await levelOf(sku)).toMatchObject({ held: 1 });
  });

  it("are told apart by shopper", async () => {
    const sku = await createItem();
    await sku.reserve(reservation("ada", { idempotencyKey: "same" }));
    const other = await sku.reserve(reservation("bob", { idempotencyKey: "same" }));
    expect(other).toMatchObject({ ok: true, orderId: "order-of-bob-same" });
    expect(await levelOf(sku)).toMatchObject({ held: 2 });
  });
});

describe("the same key and another body", () => {
  it("are a conflict, also when everything else would refuse", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    clock.advance(2 * HOUR_MS);
    expect(await sku.reserve(reservation("ada", { bodyHash: "other" }))).toMatchObject({
      ok: false,
      code: "idempotency_conflict",
    });
    expect((await sku.stats())?.refusals).toEqual({ idempotency_conflict: 1 });
  });
});

describe("the sale's control", () => {
  it("is taken when it is newer, and ignored when it is older", async () => {
    const sku = await createItem();
    await sku.applyControl(control({ mode: "paused", version: 3 }));
    expect(await sku.reserve(reservation("ada"))).toMatchObject({ code: "sale_paused" });
    await sku.applyControl(control({ mode: "open", version: 2 }));
    await sku.applyControl(control({ mode: "open", version: 3 }));
    expect(await sku.reserve(reservation("ada"))).toMatchObject({ code: "sale_paused" });
    await sku.applyControl(control({ mode: "open", version: 4 }));
    expect(await sku.reserve(reservation("ada"))).toMatchObject({ ok: true });
  });
});
