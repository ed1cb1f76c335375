import { describe, expect, it } from "vitest";
import {
  checkoutOf,
  control,
  hold,
  HOUR_MS,
  item,
  level,
  NOON_MS,
  payment,
  reservation,
} from "../../test/system/support/samples.ts";
import type { ProblemCode } from "../problem.ts";
import type { Hold, OrderStatus } from "./hold.ts";
import type { Payment } from "./payment.ts";
import {
  cancel,
  checkout,
  lapse,
  refusalOfSale,
  reserve,
  restock,
  type Decision,
  type ReserveCommand,
} from "./stock.ts";
import type { SaleControl } from "./sale.ts";

const NO_UNITS = { held: 0, bought: 0 };

/** An order whose payment was declined at its `attempt`. */
function declined(attempt: number): Hold {
  return hold({ payment: payment({ attempt, state: "declined", nextAttemptAtMs: null }) });
}

function changeOf(decision: Decision) {
  if (!decision.ok || decision.repeat) throw new Error(`No change: ${JSON.stringify(decision)}`);
  return decision.change;
}

describe("reserve", () => {
  it("holds the units from now, for as long as the item says, at its price", () => {
    const command = reservation("ada", { number: 42, quantity: 2 });
    const before = Object.freeze(item({ level: Object.freeze(level(10, 3, 4)) }));
    const {
      type,
      hold,
      level: after,
    } = changeOf(reserve(before, null, NO_UNITS, command, NOON_MS));
    expect(type).toBe("reserved");
    expect(after).toEqual(level(10, 5, 4));
    expect(hold).toEqual({
      orderId: command.orderId,
      shopper: "ada",
      number: 42,
      idempotencyKey: "key-1",
      bodyHash: "body-1",
      quantity: 2,
      total: { amount: 99_800, currency: "EUR" },
      createdAtMs: NOON_MS,
      expiresAtMs: NOON_MS + 120_000,
      status: "RESERVED",
      version: 1,
      updatedAtMs: NOON_MS,
      payment: null,
      checkouts: [],
    } satisfies Hold);
  });

  it.each([
    { perShopper: 2, held: 0, bought: 0, quantity: 2, code: undefined },
    { perShopper: 2, held: 0, bought: 0, quantity: 3, code: "limit_reached" },
    { perShopper: 2, held: 1, bought: 0, quantity: 1, code: undefined },
    { perShopper: 2, held: 1, bought: 1, quantity: 1, code: "limit_reached" },
    { perShopper: 2, held: 0, bought: 2, quantity: 1, code: "limit_reached" },
    { perShopper: 100, held: 0, bought: 0, quantity: 10, code: undefined },
    { perShopper: 100, held: 0, bought: 0, quantity: 11, code: "sold_out" },
  ])("$quantity more, $held held, $bought bought, limit $perShopper of 10 left: $code", (row) => {
    const { perShopper, held, bought, quantity, code } = row;
    const command = reservation("ada", { quantity });
    const answer = reserve(item({ perShopper }), null, { held, bought }, command, NOON_MS);
    expect(answer.ok ? undefined : answer.code).toBe(code);
    if (code === "limit_reached") expect(answer).toMatchObject({ limit: perShopper, held, bought });
  });

  it.each([
    { perAddress: 3, held: 1, bought: 1, quantity: 1, scope: undefined },
    { perAddress: 3, held: 1, bought: 1, quantity: 2, scope: "address" },
    { perAddress: 3, held: 0, bought: 3, quantity: 1, scope: "address" },
    { perAddress: 3, held: 3, bought: 0, quantity: 1, scope: "address" },
    { perAddress: 3, held: 3, bought: 0, quantity: 3, scope: "shopper" },
    { perAddress: 3, held: 3, bought: 0, quantity: 1, address: undefined, scope: undefined },
    { perAddress: undefined, held: 3, bought: 0, quantity: 1, scope: undefined },
  ])("$quantity more from a network with $held and $bought of $perAddress: $scope", (row) => {
    const { perAddress, held, bought, quantity, scope } = row;
    const limits = perAddress === undefined ? {} : { perAddress };
    const network = "address" in row ? {} : { address: "network-1" };
    const command = reservation("ada", { quantity, ...network });
    const ofAddress = { held, bought };
    const answer = reserve(item(limits), null, NO_UNITS, command, NOON_MS, ofAddress);
    if (scope === "address")
      expect(answer).toMatchObject({ code: "limit_reached", scope, limit: 3, held, bought });
    else if (scope === "shopper")
      expect(answer).toMatchObject({ code: "limit_reached", scope, limit: 2, held: 0, bought: 0 });
    else {
      const { address } = answer.ok && !answer.repeat ? answer.change.hold : {};
      // Where nothing is counted by network, nothing of it is kept.
      expect(address).toBe(perAddress === undefined ? undefined : network.address);
      expect(answer.ok).toBe(true);
    }
  });

  it("takes a pass until the moment of its expiry, and not at it", () => {
    const good = reservation("ada", { passExpiresAtMs: NOON_MS + 1 });
    const expired = reservation("ada", { passExpiresAtMs: NOON_MS });
    expect(reserve(item(), null, NO_UNITS, good, NOON_MS).ok).toBe(true);
    expect(reserve(item(), null, NO_UNITS, expired, NOON_MS)).toMatchObject({
      ok: false,
      code: "pass_expired",
    });
  });

  it.each<[mode: SaleControl["mode"], startsAtMs: number, endsAtMs: number, ProblemCode | null]>([
    ["open", NOON_MS, NOON_MS + 1, null],
    ["open", NOON_MS + 1, NOON_MS + HOUR_MS, "sale_not_started"],
    ["draft", NOON_MS - 1, NOON_MS + HOUR_MS, "sale_not_started"],
    ["paused", NOON_MS, NOON_MS + HOUR_MS, "sale_paused"],
    ["paused", NOON_MS + 1, NOON_MS + HOUR_MS, "sale_not_started"],
    ["open", NOON_MS - 1, NOON_MS, "sale_ended"],
    ["ended", NOON_MS - 1, NOON_MS + HOUR_MS, "sale_ended"],
    ["draft", NOON_MS - 2, NOON_MS - 1, "sale_ended"],
    ["paused", NOON_MS - 2, NOON_MS, "sale_ended"],
  ])("in a sale that is %s from %i to %i: %s", (mode, startsAtMs, endsAtMs, code) => {
    const refusal = refusalOfSale(control({ mode, startsAtMs, endsAtMs }), NOON_MS);
    expect(refusal?.code ?? null).toBe(code);
    if (code === "sale_not_started")
      expect(refusal?.startsAt).toBe(new Date(startsAtMs).toISOString());
  });
});

/** The contract's order of checks, each with what breaks it. */
const CHECKS: [code: ProblemCode, change: Partial<Situation>][] = [
  ["idempotency_conflict", { earlier: hold({ bodyHash: "another" }) }],
  ["pass_expired", { command: { passExpiresAtMs: NOON_MS - 1 } }],
  ["sale_ended", { control: { mode: "ended" } }],
  ["limit_reached", { units: { held: 2, bought: 0 } }],
  ["sold_out", { level: level(10, 10) }],
];

interface Situation {
  earlier: Hold;
  command: Partial<ReserveCommand>;
  control: Partial<SaleControl>;
  units: { held: number; bought: number };
  level: ReturnType<typeof level>;
}

describe("the order of checks", () => {
  const subsets = Array.from({ length: 2 ** CHECKS.length }, (_, mask) =>
    CHECKS.filter((_, index) => (mask & (1 << index)) !== 0),
  );

  it.each(subsets.map((broken) => [broken.map(([code]) => code), broken] as const))(
    "%j: the first one is named",
    (codes, broken) => {
      const changes: Partial<Situation> = {};
      for (const [, change] of broken) Object.assign(changes, change);
      const stored = item({
        control: control(changes.control),
        level: changes.level ?? level(10),
      });
      const { earlier = null, units = NO_UNITS } = changes;
      const answer = reserve(stored, earlier, units, reservation("ada", changes.command), NOON_MS);
      expect(answer.ok ? undefined : answer.code).toBe(codes[0]);
    },
  );

  it("puts the stored answer before everything", () => {
    const earlier = hold({ status: "CONFIRMED", version: 4 });
    const over = item({ control: control({ mode: "ended" }), level: level(10, 0, 10) });
    const expired = reservation("ada", { passExpiresAtMs: 0 });
    const answer = reserve(over, earlier, { held: 0, bought: 2 }, expired, NOON_MS);
    expect(answer).toEqual({ ok: true, repeat: true, hold: earlier });
  });
});

describe("checkout", () => {
  it("starts a payment that is due now and bounded by its deadline", () => {
    const change = changeOf(checkout(hold(), level(10, 1), checkoutOf(), NOON_MS + 5));
    expect(change.type).toBe("payment_pending");
    expect(change.level).toEqual(level(10, 1));
    expect(change.hold).toMatchObject({
      status: "PAYMENT_PENDING",
      version: 2,
      expiresAtMs: NOON_MS + 120_000,
      checkouts: [{ idempotencyKey: "checkout-1", bodyHash: "checkout-body-1" }],
      payment: {
        method: "card",
        token: "tok_ok",
        attempt: 1,
        state: "due",
        nextAttemptAtMs: NOON_MS + 5,
        deadlineMs: NOON_MS + 5 + 90_000,
        asked: 0,
        lastError: null,
      },
    });
  });

  it("gives the first outcome to the same key and body, whatever became of the order", () => {
    const checkouts = [{ idempotencyKey: "checkout-1", bodyHash: "checkout-body-1" }];
    for (const status of ["PAYMENT_PENDING", "CONFIRMED", "PAYMENT_FAILED"] as const) {
      const paying = hold({ status, checkouts, payment: payment() });
      expect(checkout(paying, level(10, 1), checkoutOf(), NOON_MS)).toEqual({
        ok: true,
        repeat: true,
        hold: paying,
      });
    }
  });

  it("refuses the same key with another body", () => {
    const paying = hold({ checkouts: [{ idempotencyKey: "checkout-1", bodyHash: "other" }] });
    expect(checkout(paying, level(10, 1), checkoutOf(), NOON_MS)).toMatchObject({
      ok: false,
      code: "idempotency_conflict",
    });
  });

  it("may be tried again after a decline, three times in all", () => {
    const second = changeOf(checkout(declined(1), level(10, 1), checkoutOf(), NOON_MS));
    expect(second.hold.payment).toMatchObject({ attempt: 2, state: "due", asked: 0 });
    expect(changeOf(checkout(declined(2), level(10, 1), checkoutOf(), NOON_MS)).hold).toMatchObject(
      { payment: { attempt: 3 } },
    );
    expect(checkout(declined(3), level(10, 1), checkoutOf(), NOON_MS)).toMatchObject({
      code: "order_state_conflict",
    });
  });
});

describe("cash on delivery", () => {
  const cash = checkoutOf({ paymentMethod: "cod", paymentToken: "" });

  it("confirms and sells at once, and no provider is ever asked", () => {
    const change = changeOf(checkout(hold(), level(10, 1), cash, NOON_MS));
    expect(change).toMatchObject({ type: "cash_confirmed", level: level(10, 0, 1) });
    expect(change.hold).toMatchObject({
      status: "CONFIRMED",
      payment: { method: "cod", state: "on_delivery", nextAttemptAtMs: null },
    });
    expect(checkout(change.hold, change.level, cash, NOON_MS)).toMatchObject({ repeat: true });
  });

  it("is still open to who was declined", () => {
    expect(changeOf(checkout(declined(2), level(10, 1), cash, NOON_MS)).hold).toMatchObject({
      status: "CONFIRMED",
    });
  });

  it("waits, as a card does, for money that is on its way back", () => {
    const waiting = hold({ payment: payment({ state: "voiding" }) });
    for (const command of [cash, checkoutOf()])
      expect(checkout(waiting, level(10, 1), command, NOON_MS)).toMatchObject({
        code: "order_state_conflict",
        detail: "An earlier payment is not settled yet.",
      });
  });
});

describe("what the order's state refuses", () => {
  const others: OrderStatus[] = ["PAYMENT_PENDING", "CONFIRMED", "EXPIRED", "PAYMENT_FAILED"];

  it.each([...others, "CANCELLED" as const])("checkout: %s", (status) => {
    const answer = checkout(hold({ status }), level(10, 1), checkoutOf(), NOON_MS);
    expect(answer).toMatchObject({
      ok: false,
      code: "order_state_conflict",
      detail: `The order is ${status}.`,
    });
  });

  it.each(others)("cancel: %s", (status) => {
    expect(cancel(hold({ status }), level(10, 1), NOON_MS)).toMatchObject({
      ok: false,
      code: "order_state_conflict",
      detail: `The order is ${status}.`,
    });
  });
});

describe("cancel", () => {
  it("frees the units of a reserved order, also after a decline", () => {
    for (const reserved of [hold(), declined(1)]) {
      const change = changeOf(cancel({ ...reserved, quantity: 2 }, level(10, 5, 2), NOON_MS));
      expect(change.hold.status).toBe("CANCELLED");
      expect(change.level).toEqual(level(10, 3, 2));
    }
  });

  it("gives the first outcome again", () => {
    const cancelled = hold({ status: "CANCELLED" });
    const again = cancel(cancelled, level(10), NOON_MS);
    expect(again).toEqual({ ok: true, repeat: true, hold: cancelled });
  });
});

describe("what time alone does", () => {
  const rows: [OrderStatus, Payment | null, afterMs: number, becomes: OrderStatus | null][] = [
    ["RESERVED", null, 119_999, null],
    ["RESERVED", null, 120_000, "EXPIRED"],
    ["RESERVED", declined(1).payment, 119_999, null],
    ["RESERVED", declined(1).payment, 120_000, "PAYMENT_FAILED"],
    ["PAYMENT_PENDING", payment(), 89_999, null],
    ["PAYMENT_PENDING", payment(), 90_000, "PAYMENT_FAILED"],
    ["CONFIRMED", payment({ state: "authorised" }), HOUR_MS, null],
    ["PAYMENT_FAILED", payment({ state: "voiding" }), HOUR_MS, null],
    ["EXPIRED", null, HOUR_MS, null],
    ["CANCELLED", null, HOUR_MS, null],
  ];

  it.each(rows)("%s with %j after %i ms: %s", (status, paid, afterMs, becomes) => {
    const change = lapse(hold({ status, payment: paid }), level(10, 1), NOON_MS + afterMs);
    expect(change?.hold.status ?? null).toBe(becomes);
    if (change) expect(change.level).toEqual(level(10));
  });

  it("keeps a hold while its payment runs, past its own expiry", () => {
    const late = payment({ deadlineMs: NOON_MS + 180_000 });
    const paying = hold({ status: "PAYMENT_PENDING", payment: late });
    expect(lapse(paying, level(10, 1), NOON_MS + 179_999)).toBeNull();
  });

  it("has a payment that is unknown at its deadline voided, from now on", () => {
    const paying = hold({ status: "PAYMENT_PENDING", payment: payment({ asked: 5 }) });
    const change = lapse(paying, level(10, 1), NOON_MS + 90_000);
    expect(change?.hold.payment).toMatchObject({
      state: "voiding",
      nextAttemptAtMs: NOON_MS + 90_000,
      asked: 0,
      lastError: "timeout",
    });
  });
});

describe("restock", () => {
  it.each([
    [5, { stock: 15, available: 8 }],
    [-3, { stock: 7, available: 0 }],
    [0, { stock: 10, available: 3 }],
  ])("%i units", (quantity, expected) => {
    expect(restock(level(10, 5, 2), quantity)).toEqual({ ...level(10, 5, 2), ...expected });
  });

  it("never goes below what is held and sold", () => {
    expect(restock(level(10, 5, 2), -4)).toMatchObject({
      ok: false,
      code: "validation_failed",
      errors: [{ path: "quantity", message: "At most 3 unsold units can be withdrawn." }],
    });
  });
});
