import { describe, expect, it } from "vitest";
import type { PaymentOutcome } from "../domain/purchase/payment.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { createItem, levelOf } from "../test/system/support/objects.ts";
import { checkoutOf, NOON_MS, reservation, SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();

const ORDER = "order-of-ada-key-1";
const AUTHORISED: PaymentOutcome = { kind: "authorised" };
const DECLINED: PaymentOutcome = { kind: "declined", reason: "card_declined" };

/** An item of ten units, one of them held by Ada. */
async function itemHeldByAda(holdSeconds = 120) {
  const sku = await createItem({ stock: 10, holdSeconds });
  await sku.reserve(reservation("ada", { number: 42 }));
  return sku;
}

/** Ada's payment is under way. */
async function itemPaidByAda(holdSeconds?: number) {
  const sku = await itemHeldByAda(holdSeconds);
  await sku.checkout(ORDER, "ada", checkoutOf());
  return sku;
}

describe("an order", () => {
  it("is shown to its shopper, whole", async () => {
    const sku = await itemHeldByAda();
    const answer = await sku.order(ORDER, "ada");
    expect(answer).toMatchObject({
      ok: true,
      order: {
        orderId: ORDER,
        shopper: "ada",
        number: 42,
        quantity: 1,
        amount: 49_900,
        currency: "EUR",
        status: "RESERVED",
        version: 1,
        createdAtMs: NOON_MS,
        expiresAtMs: NOON_MS + 120_000,
        paymentState: null,
        paymentAttempts: 0,
      },
    });
  });

  it("is nobody else's: to read, to pay, to cancel", async () => {
    const sku = await itemHeldByAda();
    const notFound = { ok: false, code: "not_found" };
    expect(await sku.order(ORDER, "bob")).toEqual(notFound);
    expect(await sku.checkout(ORDER, "bob", checkoutOf())).toEqual(notFound);
    expect(await sku.cancel(ORDER, "bob")).toEqual(notFound);
    expect(await sku.order("order-of-nobody", "ada")).toEqual(notFound);
    expect(await levelOf(sku)).toMatchObject({ held: 1 });
  });
});

describe("cancelling", () => {
  it("frees the units once, and a repeat gets the same order", async () => {
    const sku = await itemHeldByAda();
    const first = await sku.cancel(ORDER, "ada");
    expect(first).toMatchObject({ ok: true, order: { status: "CANCELLED", version: 2 } });
    clock.advance(SECOND_MS);
    expect(await sku.cancel(ORDER, "ada")).toEqual(first);
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 10, held: 0, sold: 0 });
  });

  it("waits for a payment that is under way", async () => {
    const sku = await itemPaidByAda();
    expect(await sku.cancel(ORDER, "ada")).toMatchObject({
      ok: false,
      code: "order_state_conflict",
      detail: "The order is PAYMENT_PENDING.",
    });
    await sku.paymentResult(ORDER, 1, DECLINED);
    expect(await sku.cancel(ORDER, "ada")).toMatchObject({ order: { status: "CANCELLED" } });
  });
});

describe("checking out", () => {
  it("starts one payment, however often it is asked for under its key", async () => {
    const sku = await itemHeldByAda();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => sku.checkout(ORDER, "ada", checkoutOf())),
    );
    for (const answer of answers)
      expect(answer).toMatchObject({
        ok: true,
        order: { status: "PAYMENT_PENDING", paymentAttempts: 1, version: 2 },
      });
    expect(await levelOf(sku)).toMatchObject({ held: 1, sold: 0 });
  });

  it("refuses the key with another body, and another key while a payment runs", async () => {
    const sku = await itemPaidByAda();
    const otherBody = checkoutOf({ bodyHash: "other" });
    expect(await sku.checkout(ORDER, "ada", otherBody)).toMatchObject({
      code: "idempotency_conflict",
    });
    const otherKey = checkoutOf({ idempotencyKey: "checkout-2" });
    expect(await sku.checkout(ORDER, "ada", otherKey)).toMatchObject({
      code: "order_state_conflict",
    });
  });
});

describe("a payment", () => {
  it("that is authorised confirms and sells; the capture is written once", async () => {
    const sku = await itemPaidByAda();
    expect(await sku.paymentResult(ORDER, 1, AUTHORISED)).toEqual({ ok: true, next: "capture" });
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 9, held: 0, sold: 1 });
    expect(await sku.paymentResult(ORDER, 1, { kind: "captured" })).toEqual({
      ok: true,
      next: null,
    });
    await sku.paymentResult(ORDER, 1, { kind: "captured" });
    await sku.paymentResult(ORDER, 1, AUTHORISED);
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: { status: "CONFIRMED", paymentState: "captured", version: 4 },
    });
    expect(await levelOf(sku)).toMatchObject({ sold: 1 });
  });

  it("that is declined gives the hold back until its unchanged expiry", async () => {
    const sku = await itemPaidByAda();
    clock.advance(SECOND_MS);
    expect(await sku.paymentResult(ORDER, 1, DECLINED)).toEqual({ ok: true, next: null });
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: {
        status: "RESERVED",
        expiresAtMs: NOON_MS + 120_000,
        paymentState: "declined",
        paymentError: "card_declined",
      },
    });
    expect(await levelOf(sku)).toMatchObject({ held: 1 });
  });

  it("that is declined three times fails, and its unit goes to someone else", async () => {
    const sku = await createItem({ stock: 1 });
    await sku.reserve(reservation("ada"));
    for (const attempt of [1, 2, 3]) {
      const checkout = checkoutOf({ idempotencyKey: `checkout-${attempt}` });
      expect(await sku.checkout(ORDER, "ada", checkout)).toMatchObject({
        order: { status: "PAYMENT_PENDING", paymentAttempts: attempt },
      });
      await sku.paymentResult(ORDER, attempt, DECLINED);
    }
    expect(await sku.order(ORDER, "ada")).toMatchObject({ order: { status: "PAYMENT_FAILED" } });
    const fourth = checkoutOf({ idempotencyKey: "checkout-4" });
    expect(await sku.checkout(ORDER, "ada", fourth)).toMatchObject({
      code: "order_state_conflict",
    });
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ ok: true });
  });

  it("of an earlier attempt decides nothing any more, and its money goes back", async () => {
    const sku = await itemPaidByAda();
    await sku.paymentResult(ORDER, 1, DECLINED);
    await sku.checkout(ORDER, "ada", checkoutOf({ idempotencyKey: "checkout-2" }));
    expect(await sku.paymentResult(ORDER, 1, AUTHORISED)).toEqual({
      ok: true,
      next: "void",
      isOver: true,
    });
    expect(await sku.paymentResult(ORDER, 1, DECLINED)).toEqual({
      ok: true,
      next: null,
      isOver: true,
    });
    expect(await sku.order(ORDER, "ada")).toMatchObject({
      order: { status: "PAYMENT_PENDING", paymentAttempts: 2 },
    });
    expect(await sku.paymentResult(ORDER, 2, AUTHORISED)).toEqual({ ok: true, next: "capture" });
    expect(await levelOf(sku)).toMatchObject({ held: 0, sold: 1 });
  });

  it("that comes after a cancellation is voided", async () => {
    const sku = await itemPaidByAda();
    await sku.paymentResult(ORDER, 1, DECLINED);
    await sku.cancel(ORDER, "ada");
    expect(await sku.paymentResult(ORDER, 1, AUTHORISED)).toEqual({ ok: true, next: "void" });
    expect(await levelOf(sku)).toEqual({ stock: 10, available: 10, held: 0, sold: 0 });
  });

  it("keeps the hold past its expiry; a decline after it fails the order", async () => {
    const sku = await itemPaidByAda(10);
    clock.advance(11 * SECOND_MS);
    expect(await sku.order(ORDER, "ada")).toMatchObject({ order: { status: "PAYMENT_PENDING" } });
    await sku.paymentResult(ORDER, 1, DECLINED);
    expect(await sku.order(ORDER, "ada")).toMatchObject({ order: { status: "PAYMENT_FAILED" } });
    expect(await levelOf(sku)).toMatchObject({ available: 10 });
  });

  it("of an unknown order is not found", async () => {
    const sku = await itemHeldByAda();
    expect(await sku.paymentResult("order-of-nobody", 1, AUTHORISED)).toEqual({
      ok: false,
      code: "not_found",
    });
  });
});

describe("a shopper's limit", () => {
  it("counts what was bought, and gives back what failed or expired", async () => {
    const sku = await createItem({ stock: 10, perShopper: 1 });
    const again = (key: string) => sku.reserve(reservation("ada", { idempotencyKey: key }));
    await sku.reserve(reservation("ada"));
    clock.advance(121 * SECOND_MS);
    expect(await again("key-2")).toMatchObject({ ok: true });
    await sku.checkout("order-of-ada-key-2", "ada", checkoutOf());
    expect(await again("key-3")).toMatchObject({ code: "limit_reached", held: 1, bought: 0 });
    await sku.paymentResult("order-of-ada-key-2", 1, AUTHORISED);
    expect(await again("key-3")).toMatchObject({ code: "limit_reached", held: 0, bought: 1 });
  });
});

describe("stats", () => {
  it("count who called, by kind, and what was committed", async () => {
    const sku = await itemPaidByAda();
    await sku.paymentResult(ORDER, 1, AUTHORISED);
    await sku.order(ORDER, "ada");
    await sku.order(ORDER, "bob");
    await sku.cancel(ORDER, "ada");
    await sku.restock(1, "why", "command-1");
    await sku.ledger(0);
    const stats = await sku.stats();
    expect(stats).toMatchObject({ commits: 6, commands: 6, sequence: 5 });
    expect(stats?.calls).toMatchObject({
      "system.create": 1,
      "shopper.reserve": 1,
      "shopper.checkout": 1,
      "shopper.order": 2,
      "shopper.cancel": 1,
      "system.payment": 1,
      "admin.restock": 1,
      "admin.ledger": 1,
      "admin.stats": 1,
    });
    expect(stats?.refusals).toEqual({ order_state_conflict: 1 });
  });
});
