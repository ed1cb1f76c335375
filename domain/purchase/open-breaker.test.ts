import { describe, expect, it } from "vitest";
import {
  checkoutOf,
  hold,
  HOUR_MS,
  level,
  NOON_MS,
  payment,
  SECOND_MS,
} from "../../test/system/support/samples.ts";
import type { Hold, OrderStatus } from "./hold.ts";
import { openPauseMs, type Payment, type PaymentState, type PaymentStep } from "./payment.ts";
import { deadPayment, settlePayment } from "./settle-payment.ts";
import { checkout } from "./stock.ts";

const OPENS_MS = NOON_MS + 30 * SECOND_MS;

function order(status: OrderStatus, state: PaymentState, changes: Partial<Payment> = {}): Hold {
  return hold({ status, payment: payment({ state, ...changes }) });
}

const OPEN_ONES: [OrderStatus, PaymentState, PaymentStep][] = [
  ["PAYMENT_PENDING", "due", "authorise"],
  ["PAYMENT_PENDING", "action", "enquire"],
  ["CONFIRMED", "authorised", "capture"],
  ["PAYMENT_FAILED", "voiding", "void"],
  ["CONFIRMED", "refunding", "refund"],
];

describe("a pause before an open breaker", () => {
  it.each([
    ["30 s", 30_000, 0, 30_000],
    ["and up to a fifth more", 30_000, 0.999, 35_994],
    ["never less than the shortest pause", -5_000, 0, 1_000],
    ["nor more than the longest", 24 * HOUR_MS, 0, 600_000],
  ])("%s", (_, openMs, random, pauseMs) => {
    expect(openPauseMs(openMs, random)).toBe(pauseMs);
  });
});

describe.each(OPEN_ONES)("a payment that meets an open breaker (%s, %s)", (status, state, step) => {
  const hear = (of: Hold, nowMs = NOON_MS, isTried?: true) =>
    settlePayment(
      of,
      level(10, 2, 2),
      1,
      { kind: "unavailable", untilMs: OPENS_MS, ...(isTried ? { isTried } : {}) },
      nowMs,
      0.5,
    );

  it("is asked for later, and this time does not count", () => {
    const { next, change, rescheduled } = hear(order(status, state, { asked: 7 }));
    expect([next, change]).toEqual([null, null]);
    expect(rescheduled).toEqual(
      payment({ state, asked: 6, nextAttemptAtMs: NOON_MS + 33 * SECOND_MS }),
    );
    expect(hear(order(status, state, { asked: 0 })).rescheduled).toMatchObject({ asked: 0 });
  });

  it("never comes to the end of its schedule by that", () => {
    const { change, rescheduled } = hear(order(status, state, { asked: 11 }));
    expect(change).toBeNull();
    expect(rescheduled).toMatchObject({ asked: 10 });
  });

  it("goes on to its next step when it was tried in vain, and after three hours to a person", () => {
    const tried = order(status, state, { asked: 1 });
    expect(hear(tried, NOON_MS, true).rescheduled).toMatchObject({ asked: 1 });
    expect(hear(tried, NOON_MS + 3 * HOUR_MS - 1, true).change).toBeNull();
    const { change, rescheduled } = hear(tried, NOON_MS + 3 * HOUR_MS, true);
    if (status === "PAYMENT_PENDING") expect(rescheduled).not.toBeNull();
    else expect(change).toMatchObject({ type: "attention", hold: { payment: { state } } });
    expect(hear(tried, NOON_MS + 9 * HOUR_MS).change).toBeNull();
  });

  it("is left as it is when nothing is asked for, or another attempt was meant", () => {
    const nothing = { next: null, change: null, rescheduled: null };
    expect(hear(order(status, state, { nextAttemptAtMs: null }))).toEqual(nothing);
    expect(hear(order(status, state, { attempt: 2 }))).toEqual(nothing);
  });

  it("whose message is dead comes before a person, unless it has a deadline", () => {
    const dead = { attempt: 1, step, asked: 3 };
    const change = deadPayment(order(status, state, { asked: 3 }), level(10, 2, 2), dead, NOON_MS);
    if (status === "PAYMENT_PENDING") {
      expect(change).toBeNull();
      return;
    }
    expect(change).toMatchObject({
      type: "attention",
      reason: `the message to ${step} could not be handled`,
      hold: { status, payment: { state, nextAttemptAtMs: null } },
    });
  });
});

describe("a dead message", () => {
  const dead = { attempt: 1, step: "capture" as PaymentStep, asked: 3 };
  const bury = (of: Hold, letter: Parameters<typeof deadPayment>[2] = dead) =>
    deadPayment(of, level(10, 2, 2), letter, NOON_MS);

  it.each<[string, Hold]>([
    ["an order that was never paid", hold()],
    ["an attempt that nobody has made", order("CONFIRMED", "authorised", { attempt: 0, asked: 3 })],
    ["another state", order("CONFIRMED", "refunding", { asked: 3 })],
    ["a payment that is done", order("CONFIRMED", "captured", { nextAttemptAtMs: null })],
    ["one that was asked for again", order("CONFIRMED", "authorised", { asked: 4 })],
    ["one that waits for a person", order("CONFIRMED", "authorised", { nextAttemptAtMs: null })],
  ])("says nothing of %s", (_, of) => {
    expect(bury(of)).toBeNull();
  });

  it("of an attempt that is over comes before a person, once; the order's own payment goes on", () => {
    for (const [status, state] of [
      ["PAYMENT_PENDING", "due"],
      ["CONFIRMED", "captured"],
      ["PAYMENT_FAILED", "voiding"],
    ] as const) {
      const second = order(status, state, { attempt: 2, asked: 3 });
      const letter = { attempt: 1, step: "refund" as const };
      const change = bury(second, letter);
      const suspicion = "the message to refund attempt 1, which is over, could not be handled";
      expect(change).toMatchObject({ type: "attention", reason: suspicion });
      expect(change?.hold).toMatchObject({ status, suspicion, payment: second.payment });
      expect(change && bury(change.hold, letter)).toBeNull();
    }
  });

  it("may be of an enquiry before a void, or of an older version", () => {
    const voiding = order("PAYMENT_FAILED", "voiding", { asked: 1 });
    expect(bury(voiding, { attempt: 1, step: "enquire", asked: 1 })).not.toBeNull();
    expect(bury(voiding, { attempt: 1, step: "void" })).not.toBeNull();
    const refunding = order("CONFIRMED", "refunding", { asked: 1 });
    expect(bury(refunding, { attempt: 1, step: "enquire", asked: 1 })).toBeNull();
  });
});

describe("checkout while the provider's breaker is open", () => {
  const pay = (opensAfterSeconds: number, changes: Parameters<typeof checkoutOf>[0] = {}) =>
    checkout(
      hold(),
      level(10, 1),
      checkoutOf({ providerOpensAtMs: NOON_MS + opensAfterSeconds * SECOND_MS, ...changes }),
      NOON_MS,
    );

  it("begins when the hold lives until it may close", () => {
    expect(pay(119)).toMatchObject({ ok: true, change: { type: "payment_pending" } });
    expect(pay(-1)).toMatchObject({ ok: true });
  });

  it("is refused when the hold would expire before, and says when to come back", () => {
    for (const seconds of [120, 130.2])
      expect(pay(seconds)).toMatchObject({
        ok: false,
        code: "payment_unavailable",
        retryAfterSeconds: Math.ceil(seconds),
      });
  });

  it("is no concern of cash, nor of a checkout that was accepted before", () => {
    expect(pay(200, { paymentMethod: "cod", paymentToken: "" })).toMatchObject({ ok: true });
    const accepted = hold({
      status: "PAYMENT_PENDING",
      checkouts: [{ idempotencyKey: "checkout-1", bodyHash: "checkout-body-1" }],
      payment: payment(),
    });
    const again = checkoutOf({ providerOpensAtMs: NOON_MS + HOUR_MS });
    expect(checkout(accepted, level(10, 1), again, NOON_MS)).toMatchObject({ repeat: true });
  });

  it("says of an order that is over that it is over", () => {
    const command = checkoutOf({ providerOpensAtMs: NOON_MS + HOUR_MS });
    expect(checkout(hold({ status: "EXPIRED" }), level(10), command, NOON_MS)).toMatchObject({
      code: "order_state_conflict",
    });
  });
});
