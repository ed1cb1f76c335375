import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { DIFFERENCES_LISTED_MAX, Findings, type Difference } from "./reconcile.ts";
import { BooksTally, ItemBook } from "./reconcile-book.ts";
import { PROVIDER_GRACE_MS } from "./reconcile-charges.ts";
import { eventDifferences, levelDifferences, type EventRow } from "./reconcile-events.ts";
import { DELIVERY_GRACE_MS, orderDifferences, type ReconcileTerms } from "./reconcile-order.ts";
import type { OrderGroup } from "./reconcile-rows.ts";
import { ItemHistory, SKU, START_MS } from "./testing/item-history.ts";

/** Long after everything: nothing is on its way any more. */
const terms: ReconcileTerms = {
  nowMs: START_MS + 24 * 60 * 60 * 1000,
  charges: "sandbox_payment",
  hasMailbox: true,
};

/** An item's life with everything in it: bought, declined and bought, refunded, in cash, expired, given up. */
function everything(): ItemHistory {
  return new ItemHistory()
    .buy(1)
    .reserve(2)
    .step(2, "payment_pending", { state: "due" })
    .step(2, "payment_declined", { state: "declined", lastError: "card_declined" })
    .step(2, "payment_pending", { state: "due", attempt: 2, lastError: null })
    .step(2, "confirmed", { state: "authorised" })
    .step(2, "captured", { state: "captured" })
    .buy(3)
    .step(3, "refunding", { state: "refunding" })
    .step(3, "refunded", { state: "refunded" })
    .reserve(4)
    .step(4, "cash_confirmed", { method: "cod", state: "on_delivery" })
    .reserve(5, "offered")
    .step(5, "expired")
    .reserve(6)
    .step(6, "payment_pending", { state: "due" })
    .step(6, "payment_failed", { state: "voiding", lastError: "timeout" })
    .step(6, "voided", { state: "voided" })
    .reserve(7)
    .step(7, "cash_confirmed", { method: "cod", state: "on_delivery" })
    .step(7, "called_off", { state: "voided" })
    .restock(3)
    .reserve(8);
}

const history = everything();
const groupOf = (index: number): OrderGroup => history.groupOf(ItemHistory.orderId(index));
const bookOf = ({ chain }: ItemHistory): ItemBook => {
  const book = new ItemBook(SKU, chain.length);
  for (const row of chain) book.enter(row);
  return book;
};
const compare = (group: OrderGroup, at = terms): Difference[] =>
  orderDifferences(SKU, history.eventsOf(group.orderId), group, at);
/** What a difference names, without what it says of it. */
const named = ({ kind, table, key, field }: Difference): (string | undefined)[] => [
  kind,
  table,
  key,
  ...(field === undefined ? [] : [field]),
];

it("has nothing to say of tables that are as the events say", () => {
  const book = bookOf(history);
  const tally = new BooksTally(true);
  for (const group of history.groups()) {
    expect(compare(group)).toEqual([]);
    expect(book.agrees(group, terms)).toBe(true);
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

const ID = ItemHistory.orderId;

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
    expect(compare(group).map(named)).toEqual([found]);
    expect(bookOf(history).agrees(group, terms)).toBe(false);
  });

  it("that no event knows of are all too many", () => {
    const group = { ...groupOf(1), orderId: ID(99) };
    group.order = { ...groupOf(1).order!, orderId: ID(99) };
    group.payments = group.payments.map((row) => ({ ...row, orderId: ID(99) }));
    group.charges = group.charges.map((row) => ({ ...row, orderId: ID(99) }));
    expect(compare(group).map(named)).toEqual([
      ["order_surplus", "orders", ID(99)],
      ["payment_surplus", "payment", `${ID(99)}:1`],
      ["message_surplus", "message", "item/phone/2 shopper-1"],
      ["message_surplus", "message", "item/phone/4 shopper-1"],
      ["charge_surplus", "sandbox_payment", `${ID(99)}:1`, "state"],
    ]);
    expect(bookOf(history).agrees(group, terms)).toBe(false);
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

  it("may wait for their message for a quarter of an hour, and have none where nobody keeps copies", () => {
    const group = groupOf(1);
    group.messages[0]!.state = "due";
    const nowMs = START_MS + DELIVERY_GRACE_MS;
    expect(compare(group, { ...terms, nowMs: nowMs - 1 })).toEqual([]);
    expect(compare(group, { ...terms, nowMs })).toHaveLength(1);
    const posted = groupOf(1);
    posted.messages[0]!.isDelivered = false;
    expect(compare(posted, { ...terms, hasMailbox: false })).toEqual([]);
  });
});

describe("the provider's books", () => {
  const kinds = (...names: string[]) =>
    names.map((kind) => ({ kind, amount: 49_900, currency: "EUR", atMs: START_MS }));
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
          bookings: kinds("charge", "capture").map((one) => ({ ...one, amount: 1 })),
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
    expect(compare(group).map(named)).toEqual([found]);
    expect(bookOf(history).agrees(group, terms)).toBe(false);
    expect(compare(group, { ...terms, charges: null })).toEqual([]);
  });

  it("may be ahead of ours by some minutes, and where no money stays", () => {
    const group = groupOf(2);
    Object.assign(group.charges[0]!, { state: "authorised", bookings: kinds("charge") });
    const nowMs = START_MS + PROVIDER_GRACE_MS;
    expect(compare(group, { ...terms, nowMs: nowMs - 1 })).toEqual([]);
    expect(compare(group, { ...terms, nowMs })).toHaveLength(1);
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
      expect(orderDifferences(SKU, events, group, terms)).toEqual([]);
    }
    expect(orderDifferences(SKU, events, open.groupOf(ID(1)), terms)).toEqual([]);
  });
});

describe("the table of events", () => {
  const rows = (): EventRow[] => history.eventRows();
  const all = history.chain.length;

  it.each<[what: string, change: (rows: EventRow[]) => void, found: string[]]>([
    ["skipped", (table) => table.splice(2, 1), ["event_missing", "ledger_event", "item/phone/3"]],
    [
      "its body",
      ([, row]) => row && (row.body = row.body.replace('"amount":49900', '"amount":1')),
      ["event_changed", "ledger_event", "item/phone/2", "body.order.amount"],
    ],
    [
      "its writing",
      ([, row]) => row && (row.body = `${row.body} `),
      ["event_changed", "ledger_event", "item/phone/2", "body"],
    ],
    [
      "unreadable",
      ([, row]) => row && (row.body = "{"),
      ["event_changed", "ledger_event", "item/phone/2", "body"],
    ],
    [
      "a column",
      ([, row]) => row && (row.orderId = ID(2)),
      ["event_changed", "ledger_event", "item/phone/2", "orderId"],
    ],
    [
      "its hash",
      ([, row]) => row && (row.hash = "0"),
      ["event_changed", "ledger_event", "item/phone/2", "hash"],
    ],
  ])("%s: found, and named", (_, change, found) => {
    const table = rows();
    change(table);
    expect(eventDifferences(SKU, history.chain, table, all).map(named)).toEqual([found]);
  });

  it("may lack what is not acknowledged yet, and hashes of an older version", () => {
    const table = rows().slice(0, -2);
    expect(eventDifferences(SKU, history.chain, table, all - 2)).toEqual([]);
    expect(eventDifferences(SKU, history.chain, table, all)).toHaveLength(2);
    const old = rows().map((row) => ({ ...row, hash: null }));
    expect(eventDifferences(SKU, history.chain, old, all)).toEqual([]);
  });
});

describe("the counters", () => {
  const row = { ...history.level, saleId: "drop", sequence: history.chain.length };
  const all = row.sequence;
  const expected = history.level;

  it("are those after the event that they were made from, which is not before the mark", () => {
    expect(levelDifferences(SKU, expected, row, all)).toEqual([]);
    expect(levelDifferences(SKU, expected, row, all - 3)).toEqual([]);
    const off = { ...row, sold: row.sold + 1 };
    expect(levelDifferences(SKU, expected, off, all).map(named)).toEqual([
      ["level_changed", "stock_level", SKU, "sold"],
    ]);
    const behind = { ...row, sequence: all - 1 };
    expect(levelDifferences(SKU, expected, behind, all).map(named)).toEqual([
      ["level_changed", "stock_level", SKU, "sequence"],
    ]);
    expect(levelDifferences(SKU, null, { ...row, sequence: all + 1 }, all)).toHaveLength(1);
    expect(levelDifferences(SKU, null, null, all).map(named)).toEqual([
      ["level_missing", "stock_level", SKU],
    ]);
    expect(levelDifferences(SKU, null, null, 0)).toEqual([]);
  });

  it("of the chain itself are the sum of its orders", () => {
    const wrong = everything().chain.map((one) => ({ ...one }));
    const at = wrong[3]!;
    at.text = at.text.replace('"sold":1', '"sold":2');
    const book = new ItemBook(SKU, 0);
    for (const one of wrong) book.enter(one);
    expect(book.ownDifferences).toEqual([
      {
        kind: "units_unbalanced",
        table: "ledger",
        key: "item/phone/4",
        field: "sold",
        expected: 1,
        found: 2,
      },
    ]);
    const gapped = new ItemBook(SKU, 0);
    for (const one of [history.chain[0]!, history.chain[2]!]) gapped.enter(one);
    expect(gapped.ownDifferences.map(named)).toEqual([["event_missing", "ledger", "item/phone/2"]]);
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
          row[name] = to;
      }
      expect(book.agrees(group, terms)).toBe(compare(group).length === 0);
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
