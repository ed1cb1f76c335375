import { describe, expect, it } from "vitest";
import { useTestClock } from "../test/system/support/clock.ts";
import { readLedger } from "../test/system/support/ledger-check.ts";
import { createItem, levelOf } from "../test/system/support/objects.ts";
import { checkoutOf, reservation, SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();

const ORDER = "order-of-ada-key-1";
const BY = { actor: "u_admin", reason: "broken on arrival" };
const CASH = checkoutOf({ paymentMethod: "cod", paymentToken: "" });

/** Ada has bought one of ten units; her card is charged. */
async function itemBoughtByAda() {
  const sku = await createItem({ stock: 10, perShopper: 1 });
  await sku.reserve(reservation("ada"));
  await sku.checkout(ORDER, "ada", checkoutOf());
  await sku.paymentResult(ORDER, 1, { kind: "authorised" });
  await sku.paymentResult(ORDER, 1, { kind: "captured" });
  return sku;
}

describe("a refund", () => {
  it("returns the unit once the money is back, and a repeat gets the same order", async () => {
    const sku = await itemBoughtByAda();
    const asked = await sku.refund(ORDER, BY);
    expect(asked).toMatchObject({
      ok: true,
      order: { status: "CONFIRMED", paymentState: "refunding" },
    });
    clock.advance(SECOND_MS);
    expect(await sku.refund(ORDER, { ...BY, reason: "another" })).toEqual(asked);
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 9, held: 0, sold: 1 });

    await sku.paymentResult(ORDER, 1, { kind: "refunded" });
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: { status: "REFUNDED", paymentState: "refunded" },
    });
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 10, held: 0, sold: 0 });
    expect(await sku.refund(ORDER, BY)).toMatchObject({ order: { status: "REFUNDED" } });
    const events = await sku.ledger(0);
    expect(events.slice(-2)).toMatchObject([
      { type: "refunding", ...BY },
      { type: "refunded", reason: null },
    ]);
    expect((await readLedger(sku)).brokenAt).toBeNull();
  });

  it("does not give the shopper's allowance back, a cash order that is called off does", async () => {
    const sku = await itemBoughtByAda();
    await sku.refund(ORDER, BY);
    await sku.paymentResult(ORDER, 1, { kind: "refunded" });
    const again = reservation("ada", { idempotencyKey: "key-2" });
    expect(await sku.reserve(again)).toMatchObject({ code: "limit_reached", held: 0, bought: 1 });

    await sku.reserve(reservation("bob"));
    expect(await sku.checkout("order-of-bob-key-1", "bob", CASH)).toMatchObject({
      order: { status: "CONFIRMED", paymentState: "on_delivery", paymentMethod: "cod" },
    });
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 9, held: 0, sold: 1 });
    expect(await sku.refund("order-of-bob-key-1", BY)).toMatchObject({
      order: { status: "CANCELLED" },
    });
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 10, held: 0, sold: 0 });
    const anew = reservation("bob", { idempotencyKey: "key-2" });
    expect(await sku.reserve(anew)).toMatchObject({ ok: true });
  });

  it("overtakes a capture: what is only authorised is voided, and a late no changes nothing", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    await sku.checkout(ORDER, "ada", checkoutOf());
    await sku.paymentResult(ORDER, 1, { kind: "authorised" });
    expect(await sku.refund(ORDER, BY)).toMatchObject({ order: { paymentState: "voiding" } });
    await sku.paymentResult(ORDER, 1, { kind: "refused", step: "capture", reason: "voided" });
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: { paymentState: "voiding", paymentAttention: null },
    });
    await sku.paymentResult(ORDER, 1, { kind: "voided" });
    expect(await sku.order(ORDER, "ada")).toMatchObject({ order: { status: "REFUNDED" } });
    expect(await levelOf(sku)).toEqual({ stock: 1, available: 1, held: 0, sold: 0 });
  });

  it("is for confirmed orders", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    expect(await sku.refund(ORDER, BY)).toMatchObject({ code: "order_state_conflict" });
    expect(await sku.refund("order-of-nobody", BY)).toMatchObject({ code: "not_found" });
  });
});

describe("a payment that the provider refuses", () => {
  const refused = { kind: "refused", step: "refund", reason: "too old" } as const;

  it("waits for a person; a retry asks again, once", async () => {
    const sku = await itemBoughtByAda();
    await sku.refund(ORDER, BY);
    await sku.paymentResult(ORDER, 1, refused);
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: { status: "CONFIRMED", paymentAttention: "refund refused: too old" },
    });
    const retried = await sku.retryPayment(ORDER, BY);
    expect(retried).toMatchObject({ order: { paymentAttention: null } });
    expect(await sku.retryPayment(ORDER, BY)).toEqual(retried);
    await sku.paymentResult(ORDER, 1, { kind: "refunded" });
    expect(await sku.order(ORDER, "ada")).toMatchObject({ order: { status: "REFUNDED" } });
  });

  it("is resolved by a person's word, with its note in the ledger", async () => {
    const sku = await itemBoughtByAda();
    await sku.refund(ORDER, BY);
    await sku.paymentResult(ORDER, 1, refused);
    const note = { actor: "u_admin", reason: "paid back by bank transfer" };
    const resolved = await sku.resolvePayment(ORDER, note);
    expect(resolved).toMatchObject({
      order: { status: "REFUNDED", paymentState: "by_hand", paymentAttention: null },
    });
    expect(await sku.resolvePayment(ORDER, note)).toEqual(resolved);
    expect((await sku.ledger(0)).at(-1)).toMatchObject({ type: "refunded", ...note });
    expect(await levelOf(sku)).toMatchObject({ available: 10, sold: 0 });
    expect(await sku.resolvePayment("order-of-nobody", note)).toMatchObject({ code: "not_found" });
  });
});
