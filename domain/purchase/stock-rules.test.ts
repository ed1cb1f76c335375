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
import {
  checkoutOf,
  control,
  HOUR_MS,
  item,
  level,
  NOON_MS,
  reservation,
} from "../../test/system/support/samples.ts";
import { lapsesAtMs, type Hold, type HoldChange, type OrderStatus } from "./hold.ts";
import type { PaymentOutcome } from "./payment.ts";
import { settlePayment } from "./settle-payment.ts";
import type { ShopperUnits } from "./shopper-units.ts";
import * as stock from "./stock.ts";
import type { Decision } from "./stock.ts";

/*
 * Any history of one item keeps its promises. The model below does what the object does with the
 * decisions: it stores holds and counters. The promises are recomputed from the holds alone.
 */

const RULES = { ...stock, settlePayment };
type Rules = Pick<
  typeof RULES,
  "reserve" | "checkout" | "settlePayment" | "cancel" | "lapse" | "restock"
>;

const STOCK = 5;
const LIMIT = 2;
/** What an order that has come to its end may become after all: what is sold may be given back. */
const ENDS: Readonly<Partial<Record<OrderStatus, readonly OrderStatus[]>>> = {
  CONFIRMED: ["CONFIRMED", "REFUNDED"],
  EXPIRED: ["EXPIRED"],
  PAYMENT_FAILED: ["PAYMENT_FAILED"],
  CANCELLED: ["CANCELLED"],
  REFUNDED: ["REFUNDED"],
};

const OUTCOMES: PaymentOutcome[] = [
  { kind: "authorised" },
  { kind: "authorised" },
  { kind: "declined", reason: "card_declined" },
  { kind: "captured" },
  { kind: "voided" },
  { kind: "refunded" },
  { kind: "action", url: "https://bank.example" },
  { kind: "refused", step: "capture", reason: "expired" },
  { kind: "unknown" },
];

const anyStep = record({
  does: constantFrom(
    ...(["reserve", "reserve", "checkout", "settle", "settle", "cancel", "restock"] as const),
  ),
  afterMs: constantFrom(0, 0, 0, 1_000, 30_000, 100_000),
  shopper: constantFrom("ada", "bob", "cyd"),
  key: constantFrom("key-1", "key-2", "key-3"),
  body: constantFrom("body-1", "body-1", "body-1", "body-2"),
  quantity: integer({ min: 1, max: 3 }),
  /** Which of the orders so far, by age. */
  order: integer({ min: 0, max: 7 }),
  attempt: integer({ min: 1, max: 3 }),
  outcome: constantFrom(...OUTCOMES),
  units: integer({ min: -4, max: 4 }),
});
type Step = typeof anyStep extends Arbitrary<infer Value> ? Value : never;

class Model {
  readonly holds = new Map<string, Hold>();
  readonly firstAnswers = new Map<string, string>();
  /** How often the units of an order were sold or freed. */
  readonly resolutions = new Map<string, number>();
  level = level(STOCK);
  stock = STOCK;
  nowMs = NOON_MS;
  readonly #rules: Rules;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  run(step: Step): void {
    this.nowMs += step.afterMs;
    for (const hold of this.holds.values()) {
      if ((lapsesAtMs(hold) ?? Infinity) > this.nowMs) continue;
      const change = this.#rules.lapse(hold, this.level, this.nowMs);
      if (change) this.#write(change);
    }
    if (step.does === "reserve") this.#reserve(step);
    else if (step.does === "restock") this.#restock(step.units);
    else this.#onOrder(step);
  }

  unitsOf(shopper: string): ShopperUnits {
    const units = { held: 0, bought: 0 };
    for (const { shopper: owner, status, quantity } of this.holds.values()) {
      if (owner !== shopper) continue;
      if (status === "CONFIRMED" || status === "REFUNDED") units.bought += quantity;
      else if (status === "RESERVED" || status === "PAYMENT_PENDING") units.held += quantity;
    }
    return units;
  }

  #reserve({ shopper, key, body, quantity }: Step): void {
    const command = reservation(shopper, {
      orderId: `order-${this.holds.size}`,
      idempotencyKey: key,
      bodyHash: body,
      quantity,
      passExpiresAtMs: NOON_MS + HOUR_MS,
    });
    const earlier = [...this.holds.values()].find(
      (hold) => hold.shopper === shopper && hold.idempotencyKey === key,
    );
    const stored = item({
      perShopper: LIMIT,
      level: this.level,
      control: control({ endsAtMs: NOON_MS + HOUR_MS }),
    });
    const units = this.unitsOf(shopper);
    const decision = this.#rules.reserve(stored, earlier ?? null, units, command, this.nowMs);
    if (!decision.ok) return;
    if (!decision.repeat) this.#write(decision.change);
    const { hold } = decision.repeat ? decision : decision.change;
    const answer = JSON.stringify([hold.orderId, hold.expiresAtMs, hold.total]);
    const scope = JSON.stringify([shopper, key, body]);
    expect(answer).toBe(this.firstAnswers.get(scope) ?? answer);
    this.firstAnswers.set(scope, answer);
  }

  #restock(units: number): void {
    const after = this.#rules.restock(this.level, units);
    if ("code" in after) return;
    this.level = after;
    this.stock += units;
  }

  #onOrder(step: Step): void {
    const hold = [...this.holds.values()][step.order];
    if (!hold) return;
    if (step.does === "settle") {
      const { attempt, outcome } = step;
      const { level, nowMs } = this;
      const settled = this.#rules.settlePayment(hold, level, attempt, outcome, nowMs, 0.5);
      if (settled.change) {
        expect(hold.payment?.attempt).toBe(attempt);
        this.#write(settled.change);
      }
      return;
    }
    const command = checkoutOf({ idempotencyKey: step.key, bodyHash: step.body });
    const decision: Decision =
      step.does === "cancel"
        ? this.#rules.cancel(hold, this.level, this.nowMs)
        : this.#rules.checkout(hold, this.level, command, this.nowMs);
    if (decision.ok && !decision.repeat) this.#write(decision.change);
  }

  #write({ hold, level }: HoldChange): void {
    const before = this.holds.get(hold.orderId);
    if (before) expect(hold.version).toBe(before.version + 1);
    if (before) expect(ENDS[before.status] ?? [hold.status]).toContain(hold.status);
    if (level.held < this.level.held)
      this.resolutions.set(hold.orderId, (this.resolutions.get(hold.orderId) ?? 0) + 1);
    this.holds.set(hold.orderId, hold);
    this.level = level;
  }
}

function checkPromises(model: Model): void {
  let held = 0;
  let sold = 0;
  for (const { status, quantity } of model.holds.values()) {
    if (status === "RESERVED" || status === "PAYMENT_PENDING") held += quantity;
    if (status === "CONFIRMED") sold += quantity;
  }
  const available = model.stock - held - sold;
  expect(model.level).toEqual({ sku: "phone", stock: model.stock, available, held, sold });
  expect(available).toBeGreaterThanOrEqual(0);
  for (const shopper of ["ada", "bob", "cyd"]) {
    const units = model.unitsOf(shopper);
    expect(units.held + units.bought).toBeLessThanOrEqual(LIMIT);
  }
  for (const times of model.resolutions.values()) expect(times).toBe(1);
}

function checkHistories(rules: Rules, options: Parameters<unknown> = {}): void {
  assert(
    property(array(anyStep, { maxLength: 60, size: "max" }), (steps) => {
      const model = new Model(rules);
      for (const step of steps) {
        model.run(step);
        checkPromises(model);
      }
    }),
    { numRuns: 500, endOnFailure: true, ...options },
  );
}

/** Twins are looked for in the same histories every time, so that finding one is not luck. */
const TWIN_SEED = 1;

/** Rules that are broken in one way each; the check has to find every one of them. */
const TWINS: [name: string, Partial<Rules>][] = [
  [
    "forgets the limit",
    {
      reserve: (stored, earlier, _, command, nowMs) =>
        stock.reserve(stored, earlier, { held: 0, bought: 0 }, command, nowMs),
    },
  ],
  [
    "counts only what was bought against the limit",
    {
      reserve: (stored, earlier, { bought }, command, nowMs) =>
        stock.reserve(stored, earlier, { held: 0, bought }, command, nowMs),
    },
  ],
  [
    "forgets the key",
    {
      reserve: (stored, _, units, command, nowMs) =>
        stock.reserve(stored, null, units, command, nowMs),
    },
  ],
  [
    "answers a key anew",
    {
      reserve: (stored, earlier, units, command, nowMs) =>
        stock.reserve(stored, earlier && { ...earlier, expiresAtMs: nowMs }, units, command, nowMs),
    },
  ],
  [
    "sells what it does not have",
    {
      reserve: (stored, earlier, units, command, nowMs) => {
        const plenty = { ...stored, level: level(1_000) };
        const decision = stock.reserve(plenty, earlier, units, command, nowMs);
        if (!decision.ok || decision.repeat) return decision;
        const held = stored.level.held + command.quantity;
        const available = stored.level.available - command.quantity;
        const { change } = decision;
        return {
          ...decision,
          change: { ...change, level: { ...stored.level, held, available } },
        };
      },
    },
  ],
  [
    "cancels what is paid for",
    {
      cancel: (hold, counters, nowMs) =>
        stock.cancel({ ...hold, status: "RESERVED" }, counters, nowMs),
    },
  ],
  [
    "takes every outcome for the current attempt's",
    {
      settlePayment: (hold, counters, attempt, outcome, ...rest) =>
        settlePayment(hold, counters, hold.payment?.attempt ?? attempt, outcome, ...rest),
    },
  ],
  [
    "frees a lapsed hold without taking it from what is held",
    {
      lapse: (hold, counters, nowMs) => {
        const change = stock.lapse(hold, counters, nowMs);
        return change && { ...change, level: { ...counters, stock: counters.stock + 1 } };
      },
    },
  ],
  [
    "withdraws units that are held",
    {
      restock: (counters, units) => ({
        ...counters,
        stock: counters.stock + units,
        available: Math.max(0, counters.available + units),
      }),
    },
  ],
];

describe("any history of reservations, payments, cancellations, restocks and time", () => {
  it("keeps the balance, the limit, one outcome a hold and the first answer a key", () => {
    checkHistories(RULES);
  });

  it.each(TWINS)("the check finds an item that %s", (_, broken) => {
    expect(() => {
      checkHistories({ ...RULES, ...broken }, { seed: TWIN_SEED });
    }).toThrow();
  });
});
