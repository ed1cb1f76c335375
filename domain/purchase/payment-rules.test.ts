import {
  array,
  assert,
  constantFrom,
  double,
  integer,
  property,
  record,
  type Arbitrary,
  type Parameters,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { transition } from "./hold.ts";
import { RULES, World, type Rules, type Step } from "./testing/payment-world.ts";

/*
 * Money follows units, whatever the network does, and whatever shoppers and admins ask for meanwhile.
 */

const anyStep: Arbitrary<Step> = record({
  does: constantFrom(
    ...([
      "checkout",
      "checkout",
      "checkout",
      "emit",
      "emit",
      "deliver",
      "deliver",
      "deliver",
    ] as const),
    ...(["report", "report", "report", "drop", "cancel", "cash", "refund"] as const),
    ...(["attend", "ripen", "hear", "hear", "lie", "give_back"] as const),
  ),
  /** Mostly none, so that three cards fit into the two minutes of a hold. */
  afterMs: constantFrom(...Array<number>(20).fill(0), 1_000, 11_000, 60_000),
  pick: integer({ min: 0, max: 5 }),
  accepts: constantFrom(...(["authorised", "declined", "declined", "action"] as const)),
  loses: constantFrom(...(["nothing", "nothing", "nothing", "request", "answer", "late"] as const)),
  twice: constantFrom(false, false, false, true),
  refuses: constantFrom(false, false, false, false, true),
  random: double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

function checkHistories(rules: Rules, options: Parameters<unknown> = {}): void {
  assert(
    property(array(anyStep, { minLength: 10, maxLength: 60, size: "max" }), (steps) => {
      const world = new World(rules);
      for (const step of steps) world.run(step);
      world.settle();
    }),
    { numRuns: 3_000, endOnFailure: true, ...options },
  );
}

/** Twins are looked for in the same histories every time, so that finding one is not luck. */
const TWIN_SEED = 1;

const TWINS: [name: string, Partial<Rules>][] = [
  [
    "gives a payment up without having it voided",
    {
      lapse: (order, counters, nowMs) => {
        const change = RULES.lapse(order, counters, nowMs);
        return change && { ...change, hold: { ...change.hold, payment: order.payment } };
      },
    },
  ],
  [
    "stops asking after an outcome that is unknown",
    {
      settlePayment: (...report) => {
        const settled = RULES.settlePayment(...report);
        const { rescheduled } = settled;
        return {
          ...settled,
          rescheduled: rescheduled && { ...rescheduled, nextAttemptAtMs: null },
        };
      },
    },
  ],
  [
    "sells to an authorisation that comes too late",
    {
      settlePayment: (order, counters, attempt, outcome, ...rest) => {
        const { payment } = order;
        const isLate = payment?.state === "voiding" && outcome.kind === "authorised";
        return RULES.settlePayment(
          isLate
            ? { ...order, status: "PAYMENT_PENDING", payment: { ...payment, state: "due" } }
            : order,
          counters,
          attempt,
          outcome,
          ...rest,
        );
      },
    },
  ],
  [
    "takes money that was captured too late for voided",
    {
      settlePayment: (order, counters, attempt, outcome, ...rest) => {
        const isVoiding = order.payment?.state === "voiding" && outcome.kind === "captured";
        const heard = isVoiding ? ({ kind: "voided" } as const) : outcome;
        return RULES.settlePayment(order, counters, attempt, heard, ...rest);
      },
    },
  ],
  [
    "hears nothing of the third card",
    {
      settlePayment: (order, counters, attempt, outcome, ...rest) =>
        attempt === 3 && outcome.kind === "declined"
          ? { next: null, change: null, rescheduled: null }
          : RULES.settlePayment(order, counters, attempt, outcome, ...rest),
    },
  ],
  [
    "lets nobody cancel after a decline",
    {
      cancel: (order, counters, nowMs) =>
        RULES.cancel(order.payment ? { ...order, status: "EXPIRED" } : order, counters, nowMs),
    },
  ],
  [
    "takes a notice for the newest attempt's, whichever it is of",
    {
      hearNotice: (order, counters, notice, ...rest) =>
        RULES.hearNotice(
          order,
          counters,
          { ...notice, attempt: order.payment?.attempt ?? 0 },
          ...rest,
        ),
    },
  ],
  [
    "does not look at the sum of a notice",
    {
      hearNotice: (order, counters, notice, ...rest) =>
        RULES.hearNotice(order, counters, { ...notice, ...order.total }, ...rest),
    },
  ],
  [
    "asks for nothing after a notice",
    {
      hearNotice: (...heard) => {
        const hearing = RULES.hearNotice(...heard);
        const payment = hearing.change?.hold.payment;
        if (!hearing.change || !payment) return hearing;
        const asleep = { ...payment, nextAttemptAtMs: null };
        const { change } = hearing;
        return { ...hearing, change: { ...change, hold: { ...change.hold, payment: asleep } } };
      },
    },
  ],
  [
    "does not know a replay",
    {
      hearNotice: (order, ...rest) => {
        const { payment } = order;
        const amnesic = payment && { ...payment, heard: [] };
        return RULES.hearNotice({ ...order, payment: amnesic }, ...rest);
      },
    },
  ],
  [
    "gives the units back and forgets the money",
    {
      refund: (order, counters, by, nowMs) => {
        const decision = RULES.refund(order, counters, by, nowMs);
        if (!decision.ok || decision.repeat) return decision;
        const change = transition(order, counters, "refunded", nowMs);
        return change && order.payment?.state === "captured" ? { ...decision, change } : decision;
      },
    },
  ],
  [
    "refunds cash and leaves the order as it is",
    {
      refund: (order, counters, by, nowMs) =>
        order.payment?.method === "cod"
          ? { ok: true, repeat: true, hold: order }
          : RULES.refund(order, counters, by, nowMs),
    },
  ],
  [
    "tries again without asking again",
    {
      retryPayment: (...order) => {
        const decision = RULES.retryPayment(...order);
        if (!decision.ok || decision.repeat) return decision;
        const { change } = decision;
        const { payment } = change.hold;
        const asleep = payment && { ...payment, nextAttemptAtMs: null };
        return { ...decision, change: { ...change, hold: { ...change.hold, payment: asleep } } };
      },
    },
  ],
];

describe("any history of an order, its payments and a network that loses and doubles", () => {
  it("sells what is paid for, charges for nothing else, and comes to an end", () => {
    checkHistories(RULES);
  });

  it.each(TWINS)("the check finds an item that %s", (_, broken) => {
    expect(() => {
      checkHistories({ ...RULES, ...broken }, { seed: TWIN_SEED });
    }).toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ message: expect.stringMatching(/^Broken: /) }),
      }),
    );
  });
});
