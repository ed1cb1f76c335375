import { array, assert, constantFrom, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { hold, level, NOON_MS, payment } from "../../test/system/support/samples.ts";
import {
  asksAtMs,
  assertBalanced,
  COUNTED_STATUSES,
  HOLD_TRANSITIONS,
  lapsesAtMs,
  transition,
  type HoldTransition,
  type OrderStatus,
} from "./hold.ts";
import type { Payment } from "./payment.ts";

const STATUSES: OrderStatus[] = [
  "RESERVED",
  "PAYMENT_PENDING",
  "CONFIRMED",
  "EXPIRED",
  "PAYMENT_FAILED",
  "CANCELLED",
  "REFUNDED",
];

/** Where money may move behind an order, and where it was never sold or is given back. */
const PAID: OrderStatus[] = ["RESERVED", "PAYMENT_FAILED", "CANCELLED", "CONFIRMED", "REFUNDED"];
const UNSOLD = PAID.filter((status) => status !== "CONFIRMED");

/** Every step that an order may take, and what is left of 5 held and 2 sold of 10 after it. */
const ALLOWED: [HoldTransition, from: OrderStatus, to: OrderStatus, held: number, sold: number][] =
  [
    ["payment_pending", "RESERVED", "PAYMENT_PENDING", 5, 2],
    ["payment_declined", "PAYMENT_PENDING", "RESERVED", 5, 2],
    ["confirmed", "PAYMENT_PENDING", "CONFIRMED", 3, 4],
    ["payment_failed", "PAYMENT_PENDING", "PAYMENT_FAILED", 3, 2],
    ["payment_failed", "RESERVED", "PAYMENT_FAILED", 3, 2],
    ["expired", "RESERVED", "EXPIRED", 3, 2],
    ["cancelled", "RESERVED", "CANCELLED", 3, 2],
    ["action_required", "PAYMENT_PENDING", "PAYMENT_PENDING", 5, 2],
    ["cash_confirmed", "RESERVED", "CONFIRMED", 3, 4],
    ["captured", "CONFIRMED", "CONFIRMED", 5, 2],
    ["refunded", "CONFIRMED", "REFUNDED", 5, 0],
    ["called_off", "CONFIRMED", "CANCELLED", 5, 0],
    ...moves(["voiding", "refunding", "retried"], PAID),
    ...moves(["attention", "resolved"], [...PAID, "PAYMENT_PENDING"]),
    ...moves(["voided", "paid_back"], UNSOLD),
  ];

/** Money moves; the order and its units stay. */
function moves(types: HoldTransition[], statuses: OrderStatus[]): (typeof ALLOWED)[number][] {
  return types.flatMap((type) =>
    statuses.map((status): (typeof ALLOWED)[number] => [type, status, status, 5, 2]),
  );
}

describe("transitions", () => {
  it.each(ALLOWED)("%s: %s -> %s", (type, from, to, held, sold) => {
    const before = Object.freeze(hold({ status: from, quantity: 2, version: 4 }));
    const change = transition(before, Object.freeze(level(10, 5, 2)), type, NOON_MS + 1);
    expect(change).toEqual({
      type,
      hold: { ...before, status: to, version: 5, updatedAtMs: NOON_MS + 1 },
      level: level(10, held, sold),
    });
  });

  const refused = (Object.keys(HOLD_TRANSITIONS) as HoldTransition[]).flatMap((type) =>
    STATUSES.filter((from) => !ALLOWED.some(([t, f]) => t === type && f === from)).map(
      (from) => [type, from] as const,
    ),
  );

  it.each(refused)("%s: refused in %s", (type, status) => {
    expect(transition(hold({ status }), level(10, 5, 2), type, NOON_MS)).toBeNull();
  });

  it("keep the payment, or take the one that is given", () => {
    const declined = payment({ state: "declined" });
    const pending = hold({ status: "PAYMENT_PENDING", payment: payment() });
    const kept = transition(pending, level(10, 5), "confirmed", NOON_MS);
    expect(kept?.hold.payment).toEqual(payment());
    const given = transition(pending, level(10, 5), "payment_declined", NOON_MS, declined);
    expect(given?.hold.payment).toEqual(declined);
  });

  it("stop rather than free units that are not held", () => {
    expect(() => transition(hold({ quantity: 3 }), level(10, 2), "expired", NOON_MS)).toThrow(
      "Invariant broken: stock 10",
    );
  });

  it("end in a status that no transition leaves by freeing or selling again", () => {
    for (const status of ["EXPIRED", "PAYMENT_FAILED", "CANCELLED", "REFUNDED"] as const)
      for (const rule of Object.values(HOLD_TRANSITIONS))
        if (rule.from.includes(status)) expect(rule).toMatchObject({ to: null, units: "stay" });
  });
});

/** What becomes of a hold's units when it ends. */
const ENDS: Partial<Record<HoldTransition, "sold" | "freed">> = {
  confirmed: "sold",
  cash_confirmed: "sold",
  payment_failed: "freed",
  expired: "freed",
  cancelled: "freed",
};

describe("any walk over the table", () => {
  const anyQuantities = array(integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
  const anyType = constantFrom(...(Object.keys(HOLD_TRANSITIONS) as HoldTransition[]));
  const anyWalk = array(tuple(integer({ min: 0, max: 3 }), anyType), {
    maxLength: 60,
    size: "max",
  });

  it("ends a hold at most once, keeps the units, and counts its changes", () => {
    assert(
      property(anyQuantities, integer({ min: 0, max: 3 }), anyWalk, (quantities, spare, walk) => {
        const all = quantities.reduce((sum, quantity) => sum + quantity, 0);
        const units = { spare, held: all, sold: 0 };
        const ended = new Set<number>();
        const holds = quantities.map((quantity) => Object.freeze(hold({ quantity })));
        for (const [pick, type] of walk) {
          const index = pick % holds.length;
          const before = holds[index] ?? hold();
          const counters = Object.freeze(level(all + spare, units.held, units.sold));
          const change = transition(before, counters, type, NOON_MS);
          if (!change) continue;
          const end = ENDS[type];
          if (type === "refunded" || type === "called_off") {
            expect(before.status).toBe("CONFIRMED");
            units.sold -= before.quantity;
            units.spare += before.quantity;
          } else if (end) {
            expect(ended.has(index), `${type} after the end`).toBe(false);
            ended.add(index);
            units.held -= before.quantity;
            units[end === "sold" ? "sold" : "spare"] += before.quantity;
          }
          expect(change.level).toEqual(level(all + spare, units.held, units.sold));
          expect(change.level.available).toBe(units.spare);
          expect(change.hold.version).toBe(before.version + 1);
          if (ended.has(index) && !end && before.status !== "CONFIRMED")
            expect(change.hold.status).toBe(before.status);
          holds[index] = Object.freeze(change.hold);
        }
      }),
    );
  });
});

describe("statuses that count against the limit", () => {
  it("are those with units, held or bought; what was refunded was bought", () => {
    expect(COUNTED_STATUSES).toEqual(["RESERVED", "PAYMENT_PENDING", "CONFIRMED", "REFUNDED"]);
  });
});

describe("balance", () => {
  it.each([
    [{ sku: "a", stock: 10, available: 3, held: 5, sold: 2 }, true],
    [{ sku: "a", stock: 0, available: 0, held: 0, sold: 0 }, true],
    [{ sku: "a", stock: 10, available: 4, held: 5, sold: 2 }, false],
    [{ sku: "a", stock: 10, available: 2, held: 5, sold: 2 }, false],
    [{ sku: "a", stock: 10, available: -1, held: 9, sold: 2 }, false],
    [{ sku: "a", stock: 10, available: 9, held: -1, sold: 2 }, false],
    [{ sku: "a", stock: 10, available: 9, held: 2, sold: -1 }, false],
  ])("%j: %s", (sample, isBalanced) => {
    if (isBalanced) assertBalanced(sample);
    else
      expect(() => {
        assertBalanced(sample);
      }).toThrow("Invariant broken: stock");
  });
});

function at(afterMs: number): Partial<Payment> {
  return { nextAttemptAtMs: NOON_MS + afterMs };
}

describe("the next time to act", () => {
  it.each<
    [OrderStatus, Partial<Payment> | null, lapsesAfterMs: number | null, asksAfterMs: number | null]
  >([
    ["RESERVED", null, 120_000, null],
    ["RESERVED", { state: "declined", nextAttemptAtMs: null }, 120_000, null],
    ["PAYMENT_PENDING", at(10_000), 90_000, 10_000],
    ["PAYMENT_PENDING", at(90_001), 90_000, 90_001],
    ["CONFIRMED", { state: "authorised", ...at(500_000) }, null, 500_000],
    ["CONFIRMED", { state: "captured", nextAttemptAtMs: null }, null, null],
    ["PAYMENT_FAILED", { state: "voiding", ...at(1_000) }, null, 1_000],
    ["PAYMENT_FAILED", { state: "voided", nextAttemptAtMs: null }, null, null],
    ["EXPIRED", null, null, null],
    ["CANCELLED", null, null, null],
  ])("%s with %j: lapses %s, asks %s ms after noon", (status, changes, lapses, asks) => {
    const sample = hold({ status, payment: changes && payment(changes) });
    expect(lapsesAtMs(sample)).toBe(lapses === null ? null : NOON_MS + lapses);
    expect(asksAtMs(sample)).toBe(asks === null ? null : NOON_MS + asks);
  });
});
