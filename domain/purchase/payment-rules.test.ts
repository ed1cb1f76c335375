import {
  array,
  assert,
  constantFrom,
  integer,
  property,
  record,
  type Arbitrary,
  type Parameters,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { checkoutOf, hold, level, NOON_MS, SECOND_MS } from "../../test/system/support/samples.ts";
import { asksAtMs, lapsesAtMs, type Hold, type HoldChange, type OrderStatus } from "./hold.ts";
import {
  PAYMENT_ATTEMPTS_MAX,
  PAYMENT_DEADLINE_SECONDS,
  PAYMENT_RESEND_MS,
  stepOf,
  type PaymentDue,
  type PaymentOutcome,
  type PaymentState,
  type PaymentStep,
} from "./payment.ts";
import * as stock from "./stock.ts";
import type { Decision } from "./stock.ts";

/*
 * Money follows units, whatever the network does. The world below is one order, a provider that keeps
 * its contract, and messages between the two that are lost, doubled, late and out of order. A plain model
 * of the order says what each command has to come to; the rules decide.
 */

type Rules = Pick<typeof stock, "checkout" | "settlePayment" | "cancel" | "lapse">;

const QUANTITY = 2;
/** Units of others, which nothing may touch. */
const OTHERS = { spare: 1, held: 3, sold: 4 };
const STOCK = QUANTITY + OTHERS.spare + OTHERS.held + OTHERS.sold;

function must(condition: boolean, promise: string): void {
  if (!condition) throw new Error(`Broken: ${promise}`);
}

type Message = Pick<PaymentDue, "attempt" | "step">;

/** The books of a provider that does each step of an attempt once, however often it is asked. */
class Provider {
  readonly books = new Map<number, "authorised" | "declined" | "captured" | "voided">();

  ask({ attempt, step }: Message, accepts: boolean): PaymentOutcome {
    const booked = this.books.get(attempt);
    switch (step) {
      case "authorise": {
        const now = booked ?? (accepts ? "authorised" : "declined");
        this.books.set(attempt, now);
        const isGood = now === "authorised" || now === "captured";
        return isGood ? { kind: "authorised" } : { kind: "declined", reason: "card_declined" };
      }
      case "capture":
        must(booked === "authorised" || booked === "captured", "what is captured is authorised");
        this.books.set(attempt, "captured");
        return { kind: "captured" };
      case "void":
        must(booked !== "captured", "nothing captured is voided");
        this.books.set(attempt, "voided");
        return { kind: "voided" };
    }
  }
}

/** What an order has to come to, told from the commands alone. */
class Expected {
  status: OrderStatus = "RESERVED";
  charge: PaymentState | null = null;
  attempt = 0;
  version = 1;
  #deadlineMs = 0;
  readonly #expiresAtMs: number;

  constructor(expiresAtMs: number) {
    this.#expiresAtMs = expiresAtMs;
  }

  pass(nowMs: number): boolean {
    if (this.status === "RESERVED" && nowMs >= this.#expiresAtMs)
      return this.#become(this.attempt > 0 ? "PAYMENT_FAILED" : "EXPIRED", this.charge);
    if (this.status === "PAYMENT_PENDING" && nowMs >= this.#deadlineMs)
      return this.#become("PAYMENT_FAILED", "voiding");
    return false;
  }

  checkout(nowMs: number): boolean {
    if (this.status !== "RESERVED" || this.attempt === PAYMENT_ATTEMPTS_MAX) return false;
    this.attempt += 1;
    this.#deadlineMs = nowMs + PAYMENT_DEADLINE_SECONDS * SECOND_MS;
    return this.#become("PAYMENT_PENDING", "due");
  }

  cancel(): boolean {
    return this.status === "RESERVED" && this.#become("CANCELLED", this.charge);
  }

  /** Returns whether the order changes, and what the provider has to do next. */
  hear(attempt: number, { kind }: PaymentOutcome, nowMs: number): [boolean, PaymentStep | null] {
    const charge = attempt === this.attempt ? this.charge : null;
    if (kind === "authorised") {
      if (charge === "due") return [this.#become("CONFIRMED", "authorised"), "capture"];
      if (charge === "captured") return [false, null];
      return [false, charge === "authorised" ? "capture" : "void"];
    }
    if (kind === "declined" && charge === "due") {
      const isOver = nowMs >= this.#expiresAtMs || attempt === PAYMENT_ATTEMPTS_MAX;
      return [this.#become(isOver ? "PAYMENT_FAILED" : "RESERVED", "declined"), null];
    }
    if (kind === "captured" && charge === "authorised")
      return [this.#become(this.status, "captured"), null];
    if (kind === "voided" && charge === "voiding")
      return [this.#become(this.status, "voided"), null];
    return [false, null];
  }

  #become(status: OrderStatus, charge: PaymentState | null): true {
    this.status = status;
    this.charge = charge;
    this.version += 1;
    return true;
  }
}

const anyStep = record({
  does: constantFrom(
    ...(["checkout", "checkout", "emit", "emit", "deliver", "deliver", "deliver"] as const),
    ...(["report", "report", "report", "drop", "cancel"] as const),
  ),
  /** Mostly none, so that three cards fit into the two minutes of a hold. */
  afterMs: constantFrom(...Array<number>(20).fill(0), 1_000, 11_000, 60_000),
  /** Which of what is under way. */
  pick: integer({ min: 0, max: 5 }),
  accepts: constantFrom(true, false, false),
  loses: constantFrom("nothing", "nothing", "nothing", "request", "answer"),
  twice: constantFrom(false, false, false, true),
});
type Step = typeof anyStep extends Arbitrary<infer Value> ? Value : never;

/** A step of the drain: nothing is lost any more. */
const CALM = { afterMs: 0, pick: 0, accepts: true, loses: "nothing", twice: false } as const;

class World {
  readonly #rules: Rules;
  readonly #provider = new Provider();
  readonly #messages: Message[] = [];
  readonly #reports: { attempt: number; outcome: PaymentOutcome }[] = [];
  #hold: Hold = Object.freeze(hold({ quantity: QUANTITY }));
  #level = Object.freeze(level(STOCK, OTHERS.held + QUANTITY, OTHERS.sold));
  #nowMs = NOON_MS;
  #checkouts = 0;
  readonly #expected = new Expected(this.#hold.expiresAtMs);

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  run(step: Step): void {
    this.#nowMs += step.afterMs;
    const lapsed = this.#rules.lapse(this.#hold, this.#level, this.#nowMs);
    this.#write(lapsed, this.#expected.pass(this.#nowMs));
    switch (step.does) {
      case "checkout":
        this.#checkouts += 1;
        this.#decide(
          this.#rules.checkout(
            this.#hold,
            this.#level,
            checkoutOf({ idempotencyKey: `checkout-${this.#checkouts}` }),
            this.#nowMs,
          ),
          this.#expected.checkout(this.#nowMs),
        );
        break;
      case "cancel":
        this.#decide(
          this.#rules.cancel(this.#hold, this.#level, this.#nowMs),
          this.#expected.cancel(),
        );
        break;
      case "emit":
        this.#emit();
        break;
      case "deliver":
        this.#deliver(step);
        break;
      case "report":
        this.#report(step);
        break;
      case "drop":
        this.#messages.splice(step.pick, 1);
    }
    this.#check();
  }

  /** Runs on until nothing is open, losing nothing more. */
  settle(): void {
    for (let round = 0; round < 50; round++) {
      while (this.#messages.length + this.#reports.length > 0) {
        this.run({ ...CALM, does: "deliver" });
        this.run({ ...CALM, does: "report" });
      }
      const dueAtMs = [asksAtMs(this.#hold), lapsesAtMs(this.#hold)].filter((at) => at !== null);
      if (dueAtMs.length === 0) {
        this.#checkMoney();
        return;
      }
      const afterMs = Math.max(0, Math.min(...dueAtMs) - this.#nowMs);
      this.run({ ...CALM, does: "emit", afterMs });
    }
    throw new Error("Broken: every payment comes to an end");
  }

  /** What the item's alarm does with a payment that is due. */
  #emit(): void {
    const { payment } = this.#hold;
    const step = payment && stepOf(payment);
    if (!payment || !step || (payment.nextAttemptAtMs ?? Infinity) > this.#nowMs) return;
    const nextAttemptAtMs = this.#nowMs + PAYMENT_RESEND_MS;
    this.#keep({ ...payment, asked: payment.asked + 1, nextAttemptAtMs });
    this.#messages.push({ attempt: payment.attempt, step });
  }

  #deliver({ pick, accepts, loses, twice }: Step): void {
    const at = pick % this.#messages.length;
    const message = this.#messages[at];
    if (!message) return;
    if (!twice) this.#messages.splice(at, 1);
    const known = loses === "request" ? null : this.#provider.ask(message, accepts);
    const outcome: PaymentOutcome = loses === "nothing" && known ? known : { kind: "unknown" };
    this.#reports.push({ attempt: message.attempt, outcome });
  }

  #report({ pick, twice }: Step): void {
    const at = pick % this.#reports.length;
    const report = this.#reports[at];
    if (!report) return;
    if (!twice) this.#reports.splice(at, 1);
    const { attempt, outcome } = report;
    const nowMs = this.#nowMs;
    const before = this.#hold.payment;
    const settled = this.#rules.settlePayment(this.#hold, this.#level, attempt, outcome, nowMs);
    const [changes, next] = this.#expected.hear(attempt, outcome, nowMs);
    must(settled.next === next, `after ${outcome.kind}: ${next ?? "nothing"}`);
    this.#write(settled.change, changes);
    if (next) this.#messages.push({ attempt, step: next });
    if (!settled.rescheduled) return;
    must(attempt === before?.attempt && outcome.kind === "unknown", "only the unknown is put off");
    must((settled.rescheduled.nextAttemptAtMs ?? 0) > nowMs, "what is put off comes later");
    this.#keep(settled.rescheduled);
  }

  #decide(decision: Decision, expected: boolean): void {
    this.#write(decision.ok && !decision.repeat ? decision.change : null, expected);
  }

  #keep(payment: Hold["payment"]): void {
    this.#hold = Object.freeze({ ...this.#hold, payment: Object.freeze(payment) });
  }

  #write(change: HoldChange | null, expected: boolean): void {
    must((change !== null) === expected, expected ? "what is allowed is done" : "the rest is not");
    if (!change) return;
    must(change.hold.updatedAtMs >= this.#hold.updatedAtMs, "changes are dated in their order");
    this.#hold = Object.freeze(change.hold);
    this.#level = Object.freeze(change.level);
  }

  #check(): void {
    const { status, version, payment } = this.#hold;
    const { charge, attempt } = this.#expected;
    must(status === this.#expected.status, `the order is ${this.#expected.status}`);
    must(version === this.#expected.version, "every change is the next version");
    must((payment?.state ?? null) === charge, `its payment is ${charge ?? "none"}`);
    must((payment?.attempt ?? 0) === attempt, "attempts are counted");
    const isOpen = payment !== null && stepOf(payment) !== null;
    must((asksAtMs(this.#hold) !== null) === isOpen, "what is open is asked about, nothing else");

    const isHeld = status === "RESERVED" || status === "PAYMENT_PENDING";
    const held = OTHERS.held + (isHeld ? QUANTITY : 0);
    const sold = OTHERS.sold + (status === "CONFIRMED" ? QUANTITY : 0);
    expect(this.#level).toEqual(level(STOCK, held, sold));
    for (const [booked, state] of this.#provider.books)
      if (state === "captured")
        must(status === "CONFIRMED" && booked === attempt, "nobody pays for what they do not get");
  }

  #checkMoney(): void {
    const { status, attempt } = this.#expected;
    must(status !== "RESERVED" && status !== "PAYMENT_PENDING", "every hold ends");
    const isPaid = this.#provider.books.get(attempt) === "captured";
    must(isPaid === (status === "CONFIRMED"), "what is sold is paid for");
    for (const state of this.#provider.books.values())
      must(state !== "authorised", "no authorisation is left standing");
  }
}

function checkHistories(rules: Rules, options: Parameters<unknown> = {}): void {
  assert(
    property(array(anyStep, { minLength: 10, maxLength: 60, size: "max" }), (steps) => {
      const world = new World(rules);
      for (const step of steps) world.run(step);
      world.settle();
    }),
    { numRuns: 400, endOnFailure: true, ...options },
  );
}

/** Twins are looked for in the same histories every time, so that finding one is not luck. */
const TWIN_SEED = 1;

const TWINS: [name: string, Partial<Rules>][] = [
  [
    "gives a payment up without having it voided",
    {
      lapse: (order, counters, nowMs) => {
        const change = stock.lapse(order, counters, nowMs);
        return change && { ...change, hold: { ...change.hold, payment: order.payment } };
      },
    },
  ],
  [
    "stops asking after an outcome that is unknown",
    {
      settlePayment: (order, counters, attempt, outcome, nowMs) => {
        const settled = stock.settlePayment(order, counters, attempt, outcome, nowMs);
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
      settlePayment: (order, counters, attempt, outcome, nowMs) => {
        const { payment } = order;
        const isLate = payment?.state === "voiding" && outcome.kind === "authorised";
        return stock.settlePayment(
          isLate
            ? { ...order, status: "PAYMENT_PENDING", payment: { ...payment, state: "due" } }
            : order,
          counters,
          attempt,
          outcome,
          nowMs,
        );
      },
    },
  ],
  [
    "hears nothing of the third card",
    {
      settlePayment: (order, counters, attempt, outcome, nowMs) =>
        attempt === 3 && outcome.kind === "declined"
          ? { next: null, change: null, rescheduled: null }
          : stock.settlePayment(order, counters, attempt, outcome, nowMs),
    },
  ],
  [
    "lets nobody cancel after a decline",
    {
      cancel: (order, counters, nowMs) =>
        stock.cancel(order.payment ? { ...order, status: "EXPIRED" } : order, counters, nowMs),
    },
  ],
];

describe("any history of an order, its payments and a network that loses and doubles", () => {
  it("sells what is paid for, charges for nothing else, and comes to an end", () => {
    checkHistories(stock);
  });

  it.each(TWINS)("the check finds an item that %s", (_, broken) => {
    expect(() => {
      checkHistories({ ...stock, ...broken }, { seed: TWIN_SEED });
    }).toThrow();
  });
});
