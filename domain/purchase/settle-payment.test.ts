import { describe, expect, it } from "vitest";
import { hold, level, NOON_MS, payment, SECOND_MS } from "../../test/system/support/samples.ts";
import type { Hold, OrderStatus } from "./hold.ts";
import type { Payment, PaymentOutcome, PaymentState, PaymentStep } from "./payment.ts";
import { lapse, settlePayment, type PaymentDecision } from "./stock.ts";

const AUTHORISED: PaymentOutcome = { kind: "authorised" };
const DECLINED: PaymentOutcome = { kind: "declined", reason: "card_declined" };
const CAPTURED: PaymentOutcome = { kind: "captured" };
const VOIDED: PaymentOutcome = { kind: "voided" };
const UNKNOWN: PaymentOutcome = { kind: "unknown" };
const NOTHING: PaymentDecision = { next: null, change: null, rescheduled: null };

/** Every state that an order and its payment can be in together. */
const STATES: [OrderStatus, PaymentState][] = [
  ["PAYMENT_PENDING", "due"],
  ["RESERVED", "declined"],
  ["CONFIRMED", "authorised"],
  ["CONFIRMED", "captured"],
  ["PAYMENT_FAILED", "declined"],
  ["PAYMENT_FAILED", "voiding"],
  ["PAYMENT_FAILED", "voided"],
  ["CANCELLED", "declined"],
];
const OPEN: ReadonlySet<PaymentState> = new Set(["due", "authorised", "voiding"]);

function order(status: OrderStatus, state: PaymentState, changes: Partial<Payment> = {}): Hold {
  const nextAttemptAtMs = OPEN.has(state) ? NOON_MS : null;
  return hold({ status, payment: payment({ state, nextAttemptAtMs, ...changes }) });
}

function settle(of: Hold, outcome: PaymentOutcome, attempt = 1): PaymentDecision {
  return settlePayment(Object.freeze(of), level(10, 1), attempt, outcome, NOON_MS + SECOND_MS);
}

describe("an authorisation", () => {
  it("confirms the order it was waited for, sells the unit and asks for the capture", () => {
    const { next, change, rescheduled } = settle(order("PAYMENT_PENDING", "due"), AUTHORISED);
    expect(next).toBe("capture");
    expect(rescheduled).toBeNull();
    expect(change).toMatchObject({ type: "confirmed", level: level(10, 0, 1) });
    expect(change?.hold).toMatchObject({
      status: "CONFIRMED",
      payment: { state: "authorised", asked: 1, nextAttemptAtMs: NOON_MS + 11 * SECOND_MS },
    });
  });

  it.each<[OrderStatus, PaymentState, next: PaymentStep | null]>([
    ["CONFIRMED", "authorised", "capture"],
    ["CONFIRMED", "captured", null],
    ["RESERVED", "declined", "void"],
    ["PAYMENT_FAILED", "declined", "void"],
    ["PAYMENT_FAILED", "voiding", "void"],
    ["PAYMENT_FAILED", "voided", "void"],
    ["CANCELLED", "declined", "void"],
  ])("that comes to %s/%s writes nothing, next: %s", (status, state, next) => {
    expect(settle(order(status, state), AUTHORISED)).toEqual({ ...NOTHING, next });
  });

  it("of an order without a payment is voided", () => {
    expect(settle(hold(), AUTHORISED)).toEqual({ ...NOTHING, next: "void" });
  });

  it("after the deadline is voided: nobody pays for a unit that was given up", () => {
    const pending = order("PAYMENT_PENDING", "due");
    const nowMs = NOON_MS + 90 * SECOND_MS;
    const given = lapse(pending, level(10, 1), nowMs);
    if (!given) throw new Error("The deadline is over.");
    const decision = settlePayment(given.hold, given.level, 1, AUTHORISED, nowMs);
    expect(decision).toEqual({ ...NOTHING, next: "void" });
  });

  it("that comes twice sells once", () => {
    const first = settle(order("PAYMENT_PENDING", "due"), AUTHORISED).change;
    if (!first) throw new Error("The first one confirms.");
    const second = settlePayment(first.hold, first.level, 1, AUTHORISED, NOON_MS);
    expect(second).toEqual({ ...NOTHING, next: "capture" });
  });
});

describe("a decline", () => {
  it.each([
    { name: "while the hold lives", attempt: 1, expiresAfterMs: 60_000, becomes: "RESERVED" },
    { name: "the second", attempt: 2, expiresAfterMs: 60_000, becomes: "RESERVED" },
    { name: "the third", attempt: 3, expiresAfterMs: 60_000, becomes: "PAYMENT_FAILED" },
    { name: "when the hold is over", attempt: 1, expiresAfterMs: 1_000, becomes: "PAYMENT_FAILED" },
    { name: "just before", attempt: 1, expiresAfterMs: 1_001, becomes: "RESERVED" },
  ])("$name: $becomes", ({ attempt, expiresAfterMs, becomes }) => {
    const pending = order("PAYMENT_PENDING", "due", { attempt });
    const expiresAtMs = NOON_MS + expiresAfterMs;
    const { next, change } = settle({ ...pending, expiresAtMs }, DECLINED, attempt);
    expect(next).toBeNull();
    expect(change?.hold).toMatchObject({
      status: becomes,
      expiresAtMs,
      payment: { attempt, state: "declined", nextAttemptAtMs: null, lastError: "card_declined" },
    });
    expect(change?.level).toEqual(becomes === "RESERVED" ? level(10, 1) : level(10));
  });

  it.each(STATES.filter(([status]) => status !== "PAYMENT_PENDING"))(
    "that comes late, to %s/%s, changes nothing",
    (status, state) => {
      expect(settle(order(status, state), DECLINED)).toEqual(NOTHING);
    },
  );
});

describe.each([
  { outcome: CAPTURED, from: "authorised", status: "CONFIRMED", type: "captured" },
  { outcome: VOIDED, from: "voiding", status: "PAYMENT_FAILED", type: "voided" },
])("$type", ({ outcome, from, status, type }) => {
  it.each(STATES)("at %s/%s", (orderStatus, state) => {
    const decision = settle(order(orderStatus, state), outcome);
    if (state !== from) {
      expect(decision).toEqual(NOTHING);
      return;
    }
    expect(decision).toMatchObject({ next: null, rescheduled: null, change: { type } });
    expect(decision.change?.level).toEqual(level(10, 1));
    expect(decision.change?.hold).toMatchObject({
      status,
      payment: { state: type, nextAttemptAtMs: null },
    });
  });
});

describe("an unknown outcome", () => {
  it.each(STATES)("at %s/%s moves the next attempt only when one is open", (status, state) => {
    const decision = settle(order(status, state, { asked: 3 }), UNKNOWN);
    const open = OPEN.has(state);
    expect(decision).toMatchObject({ next: null, change: null });
    expect(decision.rescheduled?.nextAttemptAtMs ?? null).toBe(open ? NOON_MS + 5_000 : null);
    if (open) expect(decision.rescheduled).toMatchObject({ state, asked: 3, attempt: 1 });
  });
});

describe("another attempt's outcome", () => {
  const outcomes = [AUTHORISED, DECLINED, CAPTURED, VOIDED, UNKNOWN];

  it.each(STATES)("changes nothing at %s/%s, and an authorisation is voided", (status, state) => {
    for (const outcome of outcomes)
      for (const attempt of [0, 1, 3])
        expect(settle(order(status, state, { attempt: 2 }), outcome, attempt)).toEqual({
          ...NOTHING,
          next: outcome.kind === "authorised" ? "void" : null,
        });
  });

  it("changes nothing at an order that has no payment", () => {
    for (const outcome of outcomes.slice(1)) expect(settle(hold(), outcome)).toEqual(NOTHING);
  });
});
