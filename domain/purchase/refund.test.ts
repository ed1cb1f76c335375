import { describe, expect, it } from "vitest";
import { hold, level, NOON_MS, payment } from "../../test/system/support/samples.ts";
import type { Hold, OrderStatus } from "./hold.ts";
import type { Payment, PaymentState } from "./payment.ts";
import { refund, resolvePayment, retryPayment } from "./refund.ts";

const BY = { actor: "staff:ada", reason: "broken on arrival" };
const { reason } = BY;
const LEVEL = level(10, 1, 2);

function order(status: OrderStatus, state: PaymentState, changes: Partial<Payment> = {}): Hold {
  const sample = payment({ state, nextAttemptAtMs: null, ...changes });
  return Object.freeze(hold({ status, payment: sample }));
}

describe("an admin's refund", () => {
  it("of what is captured asks for the refund; units and status wait for the money", () => {
    const decision = refund(order("CONFIRMED", "captured"), LEVEL, BY, NOON_MS);
    expect(decision).toMatchObject({
      ok: true,
      change: { type: "refunding", level: LEVEL, reason },
    });
    if (!decision.ok || decision.repeat) throw new Error("It changes the order.");
    expect(decision.change.hold).toMatchObject({
      status: "CONFIRMED",
      payment: { state: "refunding", nextAttemptAtMs: NOON_MS, asked: 0 },
    });
  });

  it("of what is only authorised asks for the void", () => {
    expect(refund(order("CONFIRMED", "authorised"), LEVEL, BY, NOON_MS)).toMatchObject({
      change: { type: "voiding", hold: { status: "CONFIRMED", payment: { state: "voiding" } } },
    });
  });

  it("of cash on delivery cancels at once, with the units back", () => {
    const cash = order("CONFIRMED", "on_delivery", { method: "cod" });
    expect(refund(cash, LEVEL, BY, NOON_MS)).toMatchObject({
      change: { type: "called_off", hold: { status: "CANCELLED" }, level: level(10, 1, 1) },
    });
  });

  it.each<[OrderStatus, PaymentState, Partial<Payment>?]>([
    ["CONFIRMED", "refunding"],
    ["CONFIRMED", "voiding"],
    ["REFUNDED", "refunded"],
    ["REFUNDED", "voided"],
    ["CANCELLED", "voided", { method: "cod" }],
  ])("repeated at %s/%s changes nothing", (status, state, changes) => {
    const refunded = order(status, state, changes);
    expect(refund(refunded, LEVEL, BY, NOON_MS)).toEqual({
      ok: true,
      repeat: true,
      hold: refunded,
    });
  });

  it.each<[OrderStatus, PaymentState]>([
    ["PAYMENT_PENDING", "due"],
    ["PAYMENT_PENDING", "action"],
    ["RESERVED", "declined"],
    ["PAYMENT_FAILED", "voiding"],
    ["PAYMENT_FAILED", "refunded"],
    ["CANCELLED", "declined"],
    ["CONFIRMED", "by_hand"],
  ])("is refused at %s/%s", (status, state) => {
    expect(refund(order(status, state), LEVEL, BY, NOON_MS)).toMatchObject({
      code: "order_state_conflict",
      detail: `The order is ${status}, its payment ${state}.`,
    });
    expect(refund(hold(), LEVEL, BY, NOON_MS)).toMatchObject({ code: "order_state_conflict" });
  });
});

describe("a payment that needs attention", () => {
  const attention = "refund refused: too old";
  const waiting = order("CONFIRMED", "refunding", { attention, asked: 7 });

  it("is asked about again from the beginning of the schedule, once", () => {
    const decision = retryPayment(waiting, LEVEL, BY, NOON_MS);
    expect(decision).toMatchObject({ change: { type: "retried", reason, level: LEVEL } });
    if (!decision.ok || decision.repeat) throw new Error("It changes the order.");
    const { hold: retried } = decision.change;
    expect(retried.payment).toMatchObject({ attention: null, asked: 0, nextAttemptAtMs: NOON_MS });
    expect(retryPayment(retried, LEVEL, BY, NOON_MS)).toMatchObject({ ok: true, repeat: true });
  });

  it.each<[OrderStatus, PaymentState, type: string, becomes: OrderStatus, sold: number]>([
    ["CONFIRMED", "authorised", "resolved", "CONFIRMED", 2],
    ["CONFIRMED", "voiding", "refunded", "REFUNDED", 1],
    ["CONFIRMED", "refunding", "refunded", "REFUNDED", 1],
    ["PAYMENT_FAILED", "refunding", "resolved", "PAYMENT_FAILED", 2],
    ["RESERVED", "voiding", "resolved", "RESERVED", 2],
  ])("at %s/%s is resolved by hand: %s, %s", (status, state, type, becomes, sold) => {
    const decision = resolvePayment(order(status, state, { attention }), LEVEL, BY, NOON_MS);
    expect(decision).toMatchObject({ change: { type, reason, level: level(10, 1, sold) } });
    if (!decision.ok || decision.repeat) throw new Error("It changes the order.");
    const { hold: resolved } = decision.change;
    expect(resolved).toMatchObject({
      status: becomes,
      payment: { state: "by_hand", attention: null, nextAttemptAtMs: null },
    });
    expect(resolvePayment(resolved, LEVEL, BY, NOON_MS)).toMatchObject({ ok: true, repeat: true });
  });

  it("is the only kind that a person can resolve", () => {
    for (const sample of [hold(), order("CONFIRMED", "captured"), order("CONFIRMED", "refunding")])
      expect(resolvePayment(sample, LEVEL, BY, NOON_MS)).toMatchObject({
        code: "order_state_conflict",
      });
    expect(retryPayment(hold(), LEVEL, BY, NOON_MS)).toMatchObject({
      code: "order_state_conflict",
    });
  });
});
