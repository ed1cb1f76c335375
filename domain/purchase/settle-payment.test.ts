import { describe, expect, it } from "vitest";
import { hold, level, NOON_MS, payment, SECOND_MS } from "../../test/system/support/samples.ts";
import { lapsesAtMs, type Hold, type HoldTransition, type OrderStatus } from "./hold.ts";
import type { Payment, PaymentOutcome, PaymentState, PaymentStep } from "./payment.ts";
import { askPayment, settlePayment, type PaymentDecision } from "./settle-payment.ts";
import { lapse } from "./stock.ts";

const AUTHORISED: PaymentOutcome = { kind: "authorised" };
const DECLINED: PaymentOutcome = { kind: "declined", reason: "card_declined" };
const ACTION: PaymentOutcome = { kind: "action", url: "https://bank.example/1" };
const CAPTURED: PaymentOutcome = { kind: "captured" };
const VOIDED: PaymentOutcome = { kind: "voided" };
const REFUNDED: PaymentOutcome = { kind: "refunded" };
const UNKNOWN: PaymentOutcome = { kind: "unknown" };
const OUTCOMES = [AUTHORISED, DECLINED, ACTION, CAPTURED, VOIDED, REFUNDED, UNKNOWN];
const NOTHING: PaymentDecision = { next: null, change: null, rescheduled: null };

/** Every state that an order and its payment can be in together. */
const STATES: [OrderStatus, PaymentState][] = [
  ["PAYMENT_PENDING", "due"],
  ["PAYMENT_PENDING", "action"],
  ["RESERVED", "declined"],
  ["RESERVED", "voiding"],
  ["RESERVED", "voided"],
  ["RESERVED", "refunding"],
  ["RESERVED", "refunded"],
  ["CONFIRMED", "authorised"],
  ["CONFIRMED", "captured"],
  ["CONFIRMED", "voiding"],
  ["CONFIRMED", "refunding"],
  ["CONFIRMED", "on_delivery"],
  ["CONFIRMED", "by_hand"],
  ["PAYMENT_FAILED", "declined"],
  ["PAYMENT_FAILED", "voiding"],
  ["PAYMENT_FAILED", "voided"],
  ["PAYMENT_FAILED", "refunding"],
  ["PAYMENT_FAILED", "refunded"],
  ["PAYMENT_FAILED", "by_hand"],
  ["CANCELLED", "declined"],
  ["CANCELLED", "voiding"],
  ["CANCELLED", "voided"],
  ["REFUNDED", "voided"],
  ["REFUNDED", "refunded"],
  ["REFUNDED", "by_hand"],
];

const STEP: Partial<Record<PaymentState, PaymentStep>> = {
  due: "authorise",
  action: "enquire",
  authorised: "capture",
  voiding: "void",
  refunding: "refund",
};

function order(status: OrderStatus, state: PaymentState, changes: Partial<Payment> = {}): Hold {
  const nextAttemptAtMs = STEP[state] ? NOON_MS : null;
  return hold({ status, payment: payment({ state, nextAttemptAtMs, ...changes }) });
}

function settle(of: Hold, outcome: PaymentOutcome, attempt = 1, random = 0.5): PaymentDecision {
  const nowMs = NOON_MS + SECOND_MS;
  return settlePayment(Object.freeze(of), level(10, 2, 2), attempt, outcome, nowMs, random);
}

type Said = [
  PaymentOutcome,
  event: HoldTransition | null,
  PaymentState,
  next: PaymentStep | null,
  becomes?: OrderStatus | undefined,
];

/** By state: what is heard, what is written, and what follows. All else changes nothing. */
const HEARD: [OrderStatus, PaymentState, Said[]][] = [
  [
    "PAYMENT_PENDING",
    "due",
    [
      [AUTHORISED, "confirmed", "authorised", "capture", "CONFIRMED"],
      [CAPTURED, "confirmed", "captured", null, "CONFIRMED"],
      [DECLINED, "payment_declined", "declined", null, "RESERVED"],
      [VOIDED, "payment_declined", "declined", null, "RESERVED"],
      [REFUNDED, "payment_declined", "declined", null, "RESERVED"],
      [ACTION, "action_required", "action", null],
    ],
  ],
  [
    "PAYMENT_PENDING",
    "action",
    [
      [AUTHORISED, "confirmed", "authorised", "capture", "CONFIRMED"],
      [CAPTURED, "confirmed", "captured", null, "CONFIRMED"],
      [DECLINED, "payment_declined", "declined", null, "RESERVED"],
      [VOIDED, "payment_declined", "declined", null, "RESERVED"],
      [REFUNDED, "payment_declined", "declined", null, "RESERVED"],
    ],
  ],
  ...(["RESERVED", "PAYMENT_FAILED", "CANCELLED"] as const).map(
    (status): (typeof HEARD)[number] => [status, "declined", lateMoney()],
  ),
  ...(["RESERVED", "PAYMENT_FAILED", "CANCELLED", "REFUNDED"] as const).map(
    (status): (typeof HEARD)[number] => [status, "voided", lateMoney()],
  ),
  [
    "CONFIRMED",
    "authorised",
    [
      [AUTHORISED, null, "authorised", "capture"],
      [CAPTURED, "captured", "captured", null],
      [REFUNDED, "refunded", "refunded", null, "REFUNDED"],
    ],
  ],
  ...(["captured", "by_hand"] as const).map((state): (typeof HEARD)[number] => [
    "CONFIRMED",
    state,
    [[REFUNDED, "refunded", "refunded", null, "REFUNDED"]],
  ]),
  ...(["RESERVED", "PAYMENT_FAILED", "CANCELLED"] as const).map(
    (status): (typeof HEARD)[number] => [
      status,
      "voiding",
      [...staysToBeVoided(), ...goesBack("voided", "paid_back")],
    ],
  ),
  ["CONFIRMED", "voiding", [...staysToBeVoided(), ...goesBack("refunded", "refunded", "REFUNDED")]],
  ...(["RESERVED", "PAYMENT_FAILED"] as const).map((status): (typeof HEARD)[number] => [
    status,
    "refunding",
    [
      [VOIDED, "voided", "voided", null],
      [REFUNDED, "paid_back", "refunded", null],
    ],
  ]),
  [
    "CONFIRMED",
    "refunding",
    [
      [VOIDED, "refunded", "voided", null, "REFUNDED"],
      [REFUNDED, "refunded", "refunded", null, "REFUNDED"],
    ],
  ],
];

function lateMoney(): Said[] {
  return [
    [AUTHORISED, "voiding", "voiding", "void"],
    [CAPTURED, "refunding", "refunding", "refund"],
  ];
}

function staysToBeVoided(): Said[] {
  return [
    [AUTHORISED, null, "voiding", "void"],
    [ACTION, null, "voiding", "void"],
    [CAPTURED, "refunding", "refunding", "refund"],
  ];
}

function goesBack(voided: HoldTransition, refunded: HoldTransition, becomes?: OrderStatus): Said[] {
  return [
    [DECLINED, voided, "voided", null, becomes],
    [VOIDED, voided, "voided", null, becomes],
    [REFUNDED, refunded, "refunded", null, becomes],
  ];
}

describe.each(STATES)("an order that is %s, its payment %s", (status, state) => {
  const heard = HEARD.find(([of, at]) => of === status && at === state)?.[2] ?? [];

  it.each(OUTCOMES.filter(({ kind }) => kind !== "unknown"))("hears $kind", (outcome) => {
    const decision = settle(order(status, state), outcome);
    const said = heard.find(([of]) => of.kind === outcome.kind);
    const isPoll = outcome.kind === "action" && state === "action";
    if (!said) {
      if (isPoll) expect(decision.rescheduled?.nextAttemptAtMs).toBe(NOON_MS + 2 * SECOND_MS);
      else expect(decision).toEqual(NOTHING);
      return;
    }
    const [, event, to, next, becomes = status] = said;
    expect([decision.change?.type ?? null, decision.next]).toEqual([event, next]);
    expect(decision.rescheduled).toBeNull();
    if (!decision.change) return;
    expect(decision.change.hold).toMatchObject({ status: becomes, payment: { state: to } });
    const asksAtMs = decision.change.hold.payment?.nextAttemptAtMs;
    if (next) expect(asksAtMs).toBe(NOON_MS + 11 * SECOND_MS);
    else if (to === "action") expect(asksAtMs).toBe(NOON_MS + 2 * SECOND_MS);
    else expect(asksAtMs).toBeNull();
  });

  it("puts an unknown off when something is open", () => {
    const decision = settle(order(status, state, { asked: 3 }), UNKNOWN);
    const isOpen = STEP[state] !== undefined;
    expect(decision).toMatchObject({ next: null, change: null });
    expect(decision.rescheduled?.nextAttemptAtMs ?? null).toBe(isOpen ? NOON_MS + 5_000 : null);
    if (isOpen) expect(decision.rescheduled).toMatchObject({ state, asked: 3, attempt: 1 });
  });

  it.each(["capture", "void", "refund"] as const)("needs a person when %s is refused", (step) => {
    const decision = settle(order(status, state), { kind: "refused", step, reason: "no" });
    if (STEP[state] !== step) {
      expect(decision).toEqual(NOTHING);
      return;
    }
    const reason = `${step} refused: no`;
    expect(decision).toMatchObject({ next: null, change: { type: "attention", reason } });
    expect(decision.change?.hold.payment).toMatchObject({
      state,
      attention: reason,
      nextAttemptAtMs: null,
    });
  });

  it("hears nothing of another attempt, whose money goes back", () => {
    for (const outcome of OUTCOMES)
      for (const attempt of [0, 1, 3]) {
        const next = { authorised: "void", captured: "refund" }[outcome.kind as string] ?? null;
        const decision = settle(order(status, state, { attempt: 2 }), outcome, attempt);
        expect(decision).toEqual({ ...NOTHING, next });
      }
  });

  it("asks for its step once more, and stops when the schedule is used up", () => {
    const asking = (asked: number) =>
      askPayment(order(status, state, { asked }), level(10, 2, 2), NOON_MS, 0.5);
    const step = STEP[state];
    if (!step) {
      expect(asking(1)).toEqual({ step: null, rescheduled: null, change: null });
      return;
    }
    expect(asking(0)).toMatchObject({
      step: state === "voiding" ? "enquire" : step,
      rescheduled: { asked: 1, nextAttemptAtMs: NOON_MS + 10 * SECOND_MS },
    });
    expect(asking(7).rescheduled).toMatchObject({ nextAttemptAtMs: NOON_MS + 120 * SECOND_MS });
    const last = asking(11);
    const unanswered = settle(order(status, state, { asked: 11 }), UNKNOWN).change;
    if (status === "PAYMENT_PENDING") {
      expect(last.step).toBe(step);
      expect(unanswered).toBeNull();
      return;
    }
    const reason = `${step} unanswered after 11 times asked`;
    expect(last).toMatchObject({ step: null, rescheduled: null });
    for (const change of [last.change, unanswered])
      expect(change).toMatchObject({
        type: "attention",
        reason,
        hold: { status, payment: { state, attention: reason, nextAttemptAtMs: null } },
      });
  });
});

describe("units", () => {
  it("are sold by an authorisation, and again available once the money is back", () => {
    const sold = settle(order("PAYMENT_PENDING", "due"), AUTHORISED).change;
    expect(sold?.level).toEqual(level(10, 1, 3));
    const back = settle(order("CONFIRMED", "refunding"), REFUNDED).change;
    expect(back?.level).toEqual(level(10, 2, 1));
    const late = settle(order("PAYMENT_FAILED", "refunding"), REFUNDED).change;
    expect(late?.level).toEqual(level(10, 2, 2));
  });

  it("are not sold to an authorisation that comes after the deadline", () => {
    const nowMs = NOON_MS + 90 * SECOND_MS;
    const given = lapse(order("PAYMENT_PENDING", "due"), level(10, 1), nowMs);
    if (!given) throw new Error("The deadline is over.");
    const decision = settlePayment(given.hold, given.level, 1, AUTHORISED, nowMs, 0);
    expect(decision).toEqual({ ...NOTHING, next: "void" });
  });

  it("are sold once to an authorisation that comes twice", () => {
    const first = settle(order("PAYMENT_PENDING", "due"), AUTHORISED).change;
    if (!first) throw new Error("The first one confirms.");
    const second = settlePayment(first.hold, first.level, 1, AUTHORISED, NOON_MS, 0);
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
    expect(change?.level).toEqual(becomes === "RESERVED" ? level(10, 2, 2) : level(10, 1, 2));
  });
});

describe("a reason of the provider", () => {
  it("is kept as far as 200 characters", () => {
    const reason = "x".repeat(201);
    const declined = settle(order("PAYMENT_PENDING", "due"), { kind: "declined", reason }).change;
    expect(declined?.hold.payment?.lastError).toBe("x".repeat(200));
    const no = { kind: "refused", step: "capture", reason } as const;
    const refused = settle(order("CONFIRMED", "authorised"), no).change;
    expect(refused?.reason).toBe(`capture refused: ${"x".repeat(200)}`);
  });
});

describe("where the shopper has to act", () => {
  it("is told while it is so", () => {
    const asked = settle(order("PAYMENT_PENDING", "due"), ACTION).change?.hold;
    expect(asked?.payment).toMatchObject({ state: "action", actionUrl: "https://bank.example/1" });
    const acted = asked && settle(asked, AUTHORISED).change?.hold;
    expect(acted?.payment).toMatchObject({ state: "authorised", actionUrl: null });
  });

  it("they have five minutes from then on, once, and the unit is kept for them", () => {
    const due = order("PAYMENT_PENDING", "due");
    const asked = settle(due, ACTION).change?.hold ?? due;
    const deadlineMs = NOON_MS + 301 * SECOND_MS;
    expect([asked.payment?.deadlineMs, lapsesAtMs(asked)]).toEqual([deadlineMs, deadlineMs]);
    expect(settle(asked, ACTION).rescheduled).toMatchObject({ deadlineMs });
    expect(lapse(asked, level(10, 2, 2), deadlineMs - 1)).toBeNull();
    expect(lapse(asked, level(10, 2, 2), deadlineMs)).toMatchObject({ type: "payment_failed" });
  });

  it("never makes a deadline shorter", () => {
    const deadlineMs = NOON_MS + 600 * SECOND_MS;
    const asked = settle(order("PAYMENT_PENDING", "due", { deadlineMs }), ACTION).change?.hold;
    expect(asked?.payment).toMatchObject({ state: "action", deadlineMs });
  });
});

describe("a payment that needed a person", () => {
  it("is not brought before one again by a refusal that comes twice", () => {
    const waiting = { attention: "refund refused: no", nextAttemptAtMs: null };
    const refused = { kind: "refused", step: "refund", reason: "no" } as const;
    expect(settle(order("CONFIRMED", "refunding", waiting), refused)).toEqual(NOTHING);
  });

  it("needs none any more when its outcome comes after all", () => {
    const waiting = { attention: "refund unanswered", nextAttemptAtMs: null };
    const { change } = settle(order("CONFIRMED", "refunding", waiting), REFUNDED);
    expect(change?.hold).toMatchObject({ status: "REFUNDED", payment: { attention: null } });
  });
});
