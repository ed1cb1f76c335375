import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { DIFFERENCES_LISTED_MAX, Findings, type Difference } from "./reconcile.ts";
import { BooksTally } from "./reconcile-book.ts";
import { eventDifferences } from "./reconcile-events.ts";
import { DELIVERY_GRACE_MS, orderDifferences } from "./reconcile-order.ts";
import type { OrderGroup } from "./reconcile-rows.ts";
import {
  bookOf,
  LONG_AFTER,
  namedBy,
  orderIdOf,
  SKU,
  wholeHistory,
} from "./testing/item-history.ts";

const history = wholeHistory();
const ID = orderIdOf;
const groupOf = (index: number): OrderGroup => history.groupOf(ID(index));
const compare = (group: OrderGroup, at = LONG_AFTER): Difference[] =>
  orderDifferences(SKU, history.eventsOf(group.orderId), group, at);
const book = bookOf(history);

it("adds the money up from the payments where the provider shows no books", () => {
  const sums = (hasCharges: boolean) => {
    const tally = new BooksTally(hasCharges);
    for (const group of history.groups()) tally.add(hasCharges ? group : { ...group, charges: [] });
    return tally.with(book, 0);
  };
  const { charges, ...unseen } = sums(false);
  expect(charges).toBeNull();
  expect(sums(true)).toMatchObject(unseen);
});

it("has nothing to say of tables that are as the events say", () => {
  const book = bookOf(history);
  const tally = new BooksTally(true);
  for (const group of history.groups()) {
    expect(compare(group)).toEqual([]);
    expect(book.agrees(group, LONG_AFTER)).toBe(true);
    tally.add(group);
  }
  expect([...book.unfound()]).toEqual([]);
  expect(book.ownDifferences).toEqual([]);
  expect(eventDifferences(SKU, history.chain, history.eventRows(), history.chain.length)).toEqual(
    [],
  );
  expect(tally.with(book, 0)).toEqual({
    events: history.chain.length,
    orders: 8,
    payments: 7,
    charges: 5,
    messages: 17,
    delivered: 17,
    unsettled: 0,
    units: { stock: 13, available: 9, held: 1, sold: 3 },
    money: {
      currency: "EUR",
      captured: 3 * 49_900,
      refunded: 49_900,
      confirmed: 2 * 49_900,
      inFlight: 0,
      byHand: 0,
      onDelivery: 49_900,
    },
  });
});

describe("the rows of an order", () => {
  it.each<[what: string, order: number, change: (group: OrderGroup) => void, found: string[]]>([
    ["row gone", 1, (group) => (group.order = null), ["order_missing", "orders", ID(1)]],
    [
      "amount",
      1,
      ({ order }) => order && (order.amount = 1),
      ["order_changed", "orders", ID(1), "amount"],
    ],
    [
      "status",
      4,
      ({ order }) => order && (order.status = "CANCELLED"),
      ["order_changed", "orders", ID(4), "status"],
    ],
    [
      "shopper",
      8,
      ({ order }) => order && (order.shopper = "eve"),
      ["order_changed", "orders", ID(8), "shopper"],
    ],
    [
      "attempt gone",
      2,
      ({ payments }) => payments.shift(),
      ["payment_missing", "payment", `${ID(2)}:1`],
    ],
    [
      "its state",
      2,
      ({ payments: [row] }) => row && (row.state = "captured"),
      ["payment_changed", "payment", `${ID(2)}:1`, "state"],
    ],
    [
      "one more",
      1,
      ({ payments }) => payments.push({ ...payments[0]!, attempt: 2 }),
      ["payment_surplus", "payment", `${ID(1)}:2`],
    ],
    [
      "message gone",
      1,
      ({ messages }) => messages.pop(),
      ["message_missing", "message", "item/phone/4 shopper-1"],
    ],
    [
      "its kind",
      1,
      ({ messages: [row] }) => row && (row.kind = "refunded"),
      ["message_changed", "message", "item/phone/2 shopper-1", "kind"],
    ],
    [
      "its facts",
      1,
      ({ messages: [row] }) => row && (row.facts = row.facts.replace("49900", "1")),
      ["message_changed", "message", "item/phone/2 shopper-1", "facts"],
    ],
    [
      "a second one",
      1,
      ({ messages }) => messages.push({ ...messages[0]!, eventId: "item/phone/3" }),
      ["message_doubled", "message", "item/phone/3 shopper-1"],
    ],
    [
      "of nothing",
      1,
      ({ messages }) =>
        messages.push({ ...messages[0]!, eventId: "item/phone/3", kind: "expired" }),
      ["message_surplus", "message", "item/phone/3 shopper-1"],
    ],
    [
      "of another chain",
      1,
      ({ messages }) =>
        messages.push({ ...messages[0]!, eventId: "item/phone-2/3", kind: "expired" }),
      ["message_surplus", "message", "item/phone-2/3 shopper-1"],
    ],
    [
      "to somebody else",
      1,
      ({ messages }) => messages.push({ ...messages[0]!, shopper: "eve" }),
      ["message_surplus", "message", "item/phone/2 eve"],
    ],
    [
      "still due",
      1,
      ({ messages: [row] }) => row && (row.state = "due"),
      ["message_undelivered", "message", "item/phone/2 shopper-1", "state"],
    ],
    [
      "dead",
      1,
      ({ messages: [row] }) => row && (row.state = "dead"),
      ["message_undelivered", "message", "item/phone/2 shopper-1", "state"],
    ],
    [
      "no copy",
      1,
      ({ messages: [row] }) => row && (row.isDelivered = false),
      ["notification_missing", "notification", "item/phone/2 shopper-1"],
    ],
  ])("%s: found, and named", (_, index, change, found) => {
    const group = groupOf(index);
    change(group);
    expect(compare(group).map(namedBy)).toEqual([found]);
    expect(book.agrees(group, LONG_AFTER)).toBe(false);
  });

  it("that no event knows of are all too many", () => {
    const group = { ...groupOf(1), orderId: ID(99) };
    group.order = { ...groupOf(1).order!, orderId: ID(99) };
    group.payments = group.payments.map((row) => ({ ...row, orderId: ID(99) }));
    group.charges = group.charges.map((row) => ({ ...row, orderId: ID(99) }));
    expect(compare(group).map(namedBy)).toEqual([
      ["order_surplus", "orders", ID(99)],
      ["payment_surplus", "payment", `${ID(99)}:1`],
      ["message_surplus", "message", "item/phone/2 shopper-1"],
      ["message_surplus", "message", "item/phone/4 shopper-1"],
      ["charge_surplus", "sandbox_payment", `${ID(99)}:1`, "state"],
    ]);
    expect(book.agrees(group, LONG_AFTER)).toBe(false);
  });

  it("say what is expected and what there is", () => {
    const group = groupOf(1);
    group.order!.amount = 1;
    expect(compare(group)).toEqual([
      {
        kind: "order_changed",
        table: "orders",
        key: ID(1),
        field: "amount",
        expected: 49_900,
        found: 1,
      },
    ]);
  });

  it("may wait for their message for a quarter of an hour", () => {
    const group = groupOf(1);
    group.messages[0]!.state = "due";
    const nowMs = group.messages[0]!.createdAtMs + DELIVERY_GRACE_MS;
    expect(compare(group, { ...LONG_AFTER, nowMs: nowMs - 1 })).toEqual([]);
    expect(compare(group, { ...LONG_AFTER, nowMs })).toHaveLength(1);
    group.messages[0]!.state = "dead";
    expect(compare(group, { ...LONG_AFTER, nowMs: nowMs - 1 })).toHaveLength(1);
  });
});

describe("an item that sells", () => {
  it("leaves orders alone that have events behind the mark", () => {
    const book = bookOf(history);
    const last = history.eventsOf(ID(8)).at(-1)!.sequence;
    expect(book.isSettled(ID(8), last - 1)).toBe(false);
    expect(book.isSettled(ID(8), last)).toBe(true);
    expect(book.isSettled(ID(1), last - 1)).toBe(true);
    expect(book.isSettled("nobody's", 0)).toBe(true);
    expect(book.unsettled(last - 1)).toBe(1);
    expect([...book.unfound()]).toHaveLength(8);
  });
});

it("what stands for the rows says the same as the rows themselves, whatever is changed in them", () => {
  const changes = array(
    record({
      of: constantFrom("order", "payments", "messages", "charges"),
      at: integer({ min: 0, max: 2 }),
      field: integer({ min: 0, max: 30 }),
      to: constantFrom<unknown>(null, 0, 1, 2, "drop", 49_900).chain((value) =>
        constantFrom(value, "captured", "item/phone/2"),
      ),
      drop: constantFrom(true, false, false),
    }),
    { maxLength: 2 },
  );
  const book = bookOf(history);
  assert(
    property(integer({ min: 1, max: 8 }), changes, (index, wishes) => {
      const group = groupOf(index);
      for (const { of, at, field, to, drop } of wishes) {
        const rows: object[] =
          of === "order" ? (group.order ? [group.order] : []) : group[of as "payments"];
        const row = rows[at] as Record<string, unknown> | undefined;
        const name = row && Object.keys(row)[field];
        if (drop && of === "order") group.order = null;
        else if (drop) rows.splice(at, 1);
        else if (row && name !== undefined && name !== "bookings" && name !== "orderId")
          row[name] = name === "eventId" ? String(to) : to;
      }
      expect(book.agrees(group, LONG_AFTER)).toBe(compare(group).length === 0);
    }),
    { numRuns: 500 },
  );
});

it("lists a hundred differences, and counts all", () => {
  const findings = new Findings();
  const one: Difference = { kind: "order_missing", table: "orders", key: ID(1) };
  findings.add(Array.from({ length: DIFFERENCES_LISTED_MAX + 20 }, () => one));
  findings.addUnnamed(5);
  expect([findings.listed.length, findings.count]).toEqual([100, 125]);
});
