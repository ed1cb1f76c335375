import type { BooksEvidence } from "./books-evidence.ts";
import type { MessageTold } from "./contract-books.ts";
import type { LedgerRow, Order, OrderStatus, SandboxPayment } from "./contract.ts";
import type { Evidence } from "./evidence.ts";
import { newShopperRecord, type ShopperRecord } from "./shopper-record.ts";

const TOTAL = { amount: 49_900, currency: "EUR" };
const PASS_LIFE_MS = 300_000;
const STARTED_AT = "2026-11-22T12:00:00.000Z";

/**
 * Evidence of a sound sale, for tests to break: 2 units, 10 shoppers, at most 2 inside. Shopper 0
 * buys, 1 is declined and cancels, 2 buys the unit that came back, 3 double-clicked and came too
 * late, the others wait until it is sold out.
 */
export function soundEvidence(): Evidence {
  const ledger: LedgerRow[] = [];
  const append = (type: string, orderId: string | null, counters: [number, number, number]) => {
    const [available, held, sold] = counters;
    const quantity = orderId === null ? 2 : 1;
    const sequence = ledger.length + 1;
    ledger.push({ sequence, at: STARTED_AT, type, orderId, quantity, available, held, sold });
  };
  append("created", null, [2, 0, 0]);
  append("reserved", "order-0", [1, 1, 0]);
  append("reserved", "order-1", [0, 2, 0]);
  append("payment_pending", "order-0", [0, 2, 0]);
  append("confirmed", "order-0", [0, 1, 1]);
  append("payment_pending", "order-1", [0, 1, 1]);
  append("payment_declined", "order-1", [0, 1, 1]);
  append("cancelled", "order-1", [1, 0, 1]);
  append("reserved", "order-2", [0, 1, 1]);
  append("payment_pending", "order-2", [0, 1, 1]);
  append("confirmed", "order-2", [0, 0, 2]);
  append("captured", "order-2", [0, 0, 2]);
  return {
    sale: { saleId: "sale", sku: "sku", stock: 2, perShopper: 1, capacity: 2 },
    ledger,
    orders: [
      orderOf("order-0", "CONFIRMED", "captured"),
      orderOf("order-1", "CANCELLED", "declined"),
      orderOf("order-2", "CONFIRMED", "captured"),
    ],
    books: [
      chargeOf("order-0", "captured", ["charge", "capture"]),
      chargeOf("order-1", "declined", []),
      chargeOf("order-2", "captured", ["charge", "capture"]),
    ],
    attention: [],
    isReadAhead: false,
    proof: soundBooks(),
    log: {
      entries: 40,
      head: "aGVhZA==",
      joined: 10,
      numbers: {
        joined: new Set(Array.from({ length: 10 }, (_, index) => index + 1)),
        granted: new Set([1, 2, 3]),
      },
      receipts: 1,
      findings: [],
    },
    summary: { sold: 2, oversold: 0, objects: { sequencer: { peakInside: 2 } } },
    records: [
      buyerOf(0, "order-0", ["RESERVED", "PAYMENT_PENDING", "CONFIRMED"]),
      {
        ...buyerOf(1, "order-1", ["RESERVED", "PAYMENT_PENDING", "CANCELLED"]),
        hasLeft: true,
        end: "declined",
      },
      buyerOf(2, "order-2", ["RESERVED", "PAYMENT_PENDING", "CONFIRMED"]),
      ...Array.from({ length: 7 }, (_, index) => loserOf(index + 3)),
    ],
  };
}

/** What the books of the sound sale say: six messages, each of which its shopper reads. */
function soundBooks(): BooksEvidence {
  const messages = [
    [2, "reserved", 0],
    [3, "reserved", 1],
    [5, "confirmed", 0],
    [8, "cancelled", 1],
    [9, "reserved", 2],
    [11, "confirmed", 2],
  ] as const;
  const told = messages.map(([sequence, kind, index]) => {
    const orderId = `order-${index}`;
    return { id: `item/sku/${sequence}`, kind, orderId, shopper: `g_${index}`, state: "sent" };
  });
  const boxOf = (index: number): MessageTold[] =>
    told
      .filter(({ shopper }) => shopper === `g_${index}`)
      .map((message) => structuredClone(message));
  const counts = { events: 12, orders: 3, payments: 3, charges: 3, messages: 6, delivered: 6 };
  return {
    reconciled: [
      { sku: "sku", ok: true, count: 0, differences: [], figures: { ...counts, unsettled: 0 } },
    ],
    told,
    subjects: new Map([0, 1, 2].map((index) => [index, `g_${index}`])),
    mailboxes: new Map([0, 1, 2, 5].map((index) => [index, boxOf(index)])),
    audit: { chains: 3, rows: 20, findings: [] },
    rebuilt: { rows: 20, differences: [] },
    items: [],
  };
}

/** The record at this index; throws when there is none. */
export function recordAt(evidence: Evidence, index: number): ShopperRecord {
  return present(evidence.records[index]);
}

/** The value, which the fixture is known to have; throws when it does not. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the sound evidence has changed; adapt this test");
  return value;
}

/** An attempt to pay for an order, as the sandbox has it. */
export function chargeOf(orderId: string, state: string, kinds: string[]): SandboxPayment {
  const bookings = kinds.map((kind) => ({ kind, at: STARTED_AT, amount: TOTAL }));
  return { orderId, attempt: 1, state, amount: TOTAL, bookings };
}

function orderOf(orderId: string, status: OrderStatus, payment: string): Order {
  return {
    orderId,
    saleId: "sale",
    sku: "sku",
    quantity: 1,
    total: TOTAL,
    status,
    version: 3,
    createdAt: STARTED_AT,
    payment: { status: payment, attempts: 1 },
    paymentMethod: "card",
  };
}

function buyerOf(index: number, orderId: string, statuses: OrderStatus[]): ShopperRecord {
  const record = shopperInLine(index);
  const place = present(record.places[0]);
  place.passAtMs = place.answeredAtMs + 5;
  place.passExpiresAtMs = place.passAtMs + PASS_LIFE_MS;
  place.purchaseSentAtMs = place.passAtMs + 10;
  const body = JSON.stringify({ orderId, status: "RESERVED", expiresAt: STARTED_AT, total: TOTAL });
  const answeredAtMs = place.purchaseSentAtMs + 5;
  record.holds.push({ orderId, key: "key", quantity: 1, total: TOTAL, body, answeredAtMs });
  const first = { status: 202, text: body };
  record.repeats.push({ call: "purchase", first, again: { ...first } });
  record.orders = statuses.map((status, step) => {
    return { orderId, status, version: step + 1, atMs: answeredAtMs + step };
  });
  record.end = "bought";
  return record;
}

function loserOf(index: number): ShopperRecord {
  const record = shopperInLine(index);
  record.end = "sold_out";
  return record;
}

/** Shoppers come every 10 ms and are answered after 8. */
function shopperInLine(index: number): ShopperRecord {
  const record = newShopperRecord(index);
  const firstSentAtMs = index * 10;
  record.places.push({
    number: index + 1,
    ticket: `ticket-${index}`,
    numberedAtJoin: true,
    receipt: index === 0 ? { leaf: '{"number":1}', index: 1, checkpoint: "signed" } : "not kept",
    arrivedAtMs: firstSentAtMs + 2,
    firstSentAtMs,
    answeredAtMs: firstSentAtMs + 8,
    stateAtJoin: "waiting",
    leastAhead: 0,
    waitingAnswers: 2,
    askKnownAtMs: null,
    grantedAtMs: null,
    passAtMs: null,
    passExpiresAtMs: null,
    purchaseSentAtMs: null,
  });
  return record;
}
