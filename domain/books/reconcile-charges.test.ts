import { describe, expect, it } from "vitest";
import type { Difference } from "./reconcile.ts";
import { PROVIDER_GRACE_MS } from "./reconcile-charges.ts";
import { orderDifferences } from "./reconcile-order.ts";
import type { OrderGroup } from "./reconcile-rows.ts";
import {
  bookOf,
  ItemHistory,
  LONG_AFTER,
  namedBy,
  orderIdOf,
  SKU,
  START_MS,
  wholeHistory,
} from "./testing/item-history.ts";

const history = wholeHistory();
const ID = orderIdOf;
const groupOf = (index: number): OrderGroup => history.groupOf(ID(index));
const compare = (group: OrderGroup, at = LONG_AFTER): Difference[] =>
  orderDifferences(SKU, history.eventsOf(group.orderId), group, at);
const book = bookOf(history);

describe("the provider's books", () => {
  const booked = (amount: number, ...names: string[]) =>
    names.map((kind) => ({ kind, amount, currency: "EUR", atMs: START_MS }));
  const kinds = (...names: string[]) => booked(49_900, ...names);
  const CHARGES = "sandbox_payment";

  it.each<[what: string, order: number, change: (group: OrderGroup) => void, found: string[]]>([
    [
      "charge gone",
      1,
      ({ charges }) => charges.pop(),
      ["charge_missing", CHARGES, `${ID(1)}:1`, "state"],
    ],
    [
      "of a refund, gone",
      3,
      ({ charges }) => charges.pop(),
      ["charge_missing", CHARGES, `${ID(3)}:1`, "state"],
    ],
    [
      "amount",
      1,
      ({ charges: [row] }) =>
        Object.assign(row!, {
          amount: 1,
          bookings: booked(1, "charge", "capture"),
        }),
      ["charge_changed", CHARGES, `${ID(1)}:1`, "amount"],
    ],
    [
      "never captured",
      1,
      ({ charges: [row] }) =>
        Object.assign(row!, { state: "authorised", bookings: kinds("charge") }),
      ["charge_changed", CHARGES, `${ID(1)}:1`, "state"],
    ],
    [
      "given back",
      1,
      ({ charges: [row] }) =>
        Object.assign(row!, { state: "refunded", bookings: kinds("charge", "capture", "refund") }),
      ["charge_changed", CHARGES, `${ID(1)}:1`, "state"],
    ],
    [
      "never given back",
      3,
      ({ charges: [row] }) =>
        Object.assign(row!, { state: "captured", bookings: kinds("charge", "capture") }),
      ["charge_changed", CHARGES, `${ID(3)}:1`, "state"],
    ],
    [
      "a declined one was taken",
      2,
      ({ charges: [row] }) =>
        Object.assign(row!, { state: "authorised", bookings: kinds("charge") }),
      ["charge_changed", CHARGES, `${ID(2)}:1`, "state"],
    ],
    [
      "paid twice",
      2,
      ({ charges: [row] }) =>
        Object.assign(row!, { state: "captured", bookings: kinds("charge", "capture") }),
      ["booked_twice", CHARGES, `${ID(2)}:1`, "state"],
    ],
    [
      "booked twice",
      1,
      ({ charges: [row] }) =>
        Object.assign(row!, { bookings: kinds("charge", "capture", "capture") }),
      ["booked_twice", "sandbox_booking", `${ID(1)}:1`, "kind"],
    ],
    [
      "booked something else",
      6,
      ({ charges: [row] }) => Object.assign(row!, { bookings: kinds("charge") }),
      ["charge_changed", "sandbox_booking", `${ID(6)}:1`, "kind"],
    ],
    [
      "booked another amount",
      1,
      ({ charges: [row] }) =>
        Object.assign(row!, {
          bookings: [...kinds("charge"), { ...kinds("capture")[0]!, amount: 1 }],
        }),
      ["charge_changed", "sandbox_booking", `${ID(1)}:1 capture`, "amount"],
    ],
    [
      "charged for cash",
      4,
      ({ charges }) => charges.push({ ...groupOf(1).charges[0]!, orderId: ID(4) }),
      ["charge_surplus", CHARGES, `${ID(4)}:1`, "state"],
    ],
    [
      "one attempt more",
      1,
      ({ charges }) => charges.push({ ...charges[0]!, attempt: 2 }),
      ["charge_surplus", CHARGES, `${ID(1)}:2`, "state"],
    ],
  ])("%s: found, and named", (_, index, change, found) => {
    const group = groupOf(index);
    change(group);
    expect(compare(group).map(namedBy)).toEqual([found]);
    expect(book.agrees(group, LONG_AFTER)).toBe(false);
    expect(compare(group, { ...LONG_AFTER, charges: null })).toEqual([]);
  });

  it("may be ahead of ours by some minutes, and where no money stays", () => {
    const group = groupOf(2);
    Object.assign(group.charges[0]!, { state: "authorised", bookings: kinds("charge") });
    const nowMs = START_MS + PROVIDER_GRACE_MS;
    expect(compare(group, { ...LONG_AFTER, nowMs: nowMs - 1 })).toEqual([]);
    expect(compare(group, { ...LONG_AFTER, nowMs })).toHaveLength(1);
    Object.assign(group.charges[0]!, { state: "voided", bookings: kinds("charge", "void") });
    expect(compare(group)).toEqual([]);
  });

  it("may say anything of a payment that has a step to come", () => {
    const open = new ItemHistory().reserve(1).step(1, "payment_pending", { state: "due" });
    const events = open.eventsOf(ID(1));
    for (const [state, ...booked] of [
      ["pending"],
      ["action"],
      ["authorised", "charge"],
      ["captured", "charge", "capture"],
    ] as const) {
      const charge = { ...groupOf(1).charges[0]!, state, bookings: kinds(...booked) };
      const group = { ...open.groupOf(ID(1)), charges: [charge] };
      expect(orderDifferences(SKU, events, group, LONG_AFTER)).toEqual([]);
    }
    expect(orderDifferences(SKU, events, open.groupOf(ID(1)), LONG_AFTER)).toEqual([]);
  });
});
