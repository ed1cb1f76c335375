import { type Breach, breachOf } from "./breach.ts";
import { isConfirmed, ordersOfLedger } from "./checks-ledger.ts";
import type { Order, SandboxPayment } from "./contract.ts";
import { isChargeOpen, isPaymentOpen, type Evidence } from "./evidence.ts";

/** What was booked for a payment that has come to rest in a state. */
const BOOKED: Readonly<Record<string, readonly string[]>> = {
  declined: [""],
  captured: ["capture,charge"],
  // A void may come before anything was charged.
  voided: ["charge,void", "void"],
  refunded: ["capture,charge,refund"],
};

/** Sums in minor units, and what they count. */
export interface Books {
  captured: number;
  /** Of orders that are confirmed and paid by card. */
  confirmed: number;
  refunded: number;
}

/** The money of a sale as both books have it; `sandbox` is null where there is none to ask. */
export interface Money {
  currency: string;
  ours: Books;
  sandbox: (Omit<Books, "confirmed"> & { byState: Record<string, number> }) | null;
  /** Units sold on delivery, which no provider hears of. */
  onDelivery: number;
}

/** Every check of the money. */
export function checkMoney(evidence: Evidence): Breach[] {
  return [
    ...moneyBalances(evidence),
    ...everyChargeHasItsOrder(evidence),
    ...everyOrderIsPaid(evidence),
    ...everyChargeIsBookedOnce(evidence),
    ...nothingIsInFlight(evidence),
    ...nobodyIsNeeded(evidence),
  ];
}

/** Adds both books up: ours by the ledger's orders, the sandbox's by its bookings. */
export function moneyOf(evidence: Evidence): Money {
  const ours = { captured: 0, confirmed: 0, refunded: 0 };
  const cards = cardOrders(evidence);
  for (const { total } of cards.values()) ours.confirmed += total.amount;
  for (const { payment, total } of evidence.orders) {
    if (payment?.status === "captured" || payment?.status === "refunded")
      ours.captured += total.amount;
    if (payment?.status === "refunded") ours.refunded += total.amount;
  }
  const { books, ledger, orders } = evidence;
  const confirmed = [...ordersOfLedger(ledger).values()].filter(({ status }) =>
    isConfirmed(status),
  );
  return {
    currency: orders[0]?.total.currency ?? "",
    ours,
    sandbox: books && {
      captured: booked(books, "capture"),
      refunded: booked(books, "refund"),
      byState: countStates(books),
    },
    onDelivery: confirmed
      .filter(({ orderId }) => !cards.has(orderId))
      .reduce((sum, { quantity }) => sum + quantity, 0),
  };
}

/** Captured = confirmed card orders + refunded, on our books and on the sandbox's. */
export function moneyBalances(evidence: Evidence): Breach[] {
  const { ours, sandbox } = moneyOf(evidence);
  const { captured, confirmed, refunded } = ours;
  const failures: string[] = [];
  if (captured !== confirmed + refunded) {
    failures.push(`ours: captured ${captured}, confirmed ${confirmed}, refunded ${refunded}`);
  }
  if (sandbox !== null && sandbox.captured !== confirmed + sandbox.refunded) {
    failures.push(
      `the sandbox's: captured ${sandbox.captured}, refunded ${sandbox.refunded}; confirmed ${confirmed}`,
    );
  }
  const promise = "captured = confirmed card orders + refunded, on both books";
  return breachOf("money", promise, failures);
}

/** Nobody is charged without an order: the provider keeps money for confirmed card orders alone. */
export function everyChargeHasItsOrder(evidence: Evidence): Breach[] {
  const cards = cardOrders(evidence);
  const known = ordersOfLedger(evidence.ledger);
  const failures: string[] = [];
  for (const { attempt, orderId, state, amount } of evidence.books ?? []) {
    const order = cards.get(orderId);
    const isPaid = order?.payment?.attempts === attempt;
    const { status = "unknown to the ledger" } = known.get(orderId) ?? {};
    if (!known.has(orderId)) failures.push(`${orderId} is ${state}, and ${status}`);
    else if (state === "captured" && !isPaid) failures.push(`${orderId} is paid, and ${status}`);
    else if (isPaid && amount.amount !== order.total.amount)
      failures.push(`${orderId} costs ${order.total.amount}, charged ${amount.amount}`);
  }
  return breachOf("money", "nobody is charged without an order", failures);
}

/** Every confirmed order is paid, unless it is to be paid on delivery. */
export function everyOrderIsPaid(evidence: Evidence): Breach[] {
  const { books } = evidence;
  if (books === null) return [];
  const paid = new Set(
    books.filter(({ state }) => state === "captured").map(({ orderId }) => orderId),
  );
  const failures = [...cardOrders(evidence).keys()]
    .filter((orderId) => !paid.has(orderId))
    .map((orderId) => `${orderId} is confirmed, and its money was never taken`);
  return breachOf("money", "every confirmed card order is paid", failures);
}

/** What the sandbox did for a payment is what its state says, each thing once and for one amount. */
export function everyChargeIsBookedOnce({ books }: Evidence): Breach[] {
  const failures: string[] = [];
  for (const payment of books ?? []) {
    const { amount, attempt, bookings, orderId, state } = payment;
    if (isChargeOpen(payment)) continue;
    const kinds = bookings.map(({ kind }) => kind).toSorted();
    const isSame = bookings.every((booking) => booking.amount.amount === amount.amount);
    if (!(BOOKED[state] ?? []).includes(kinds.join(",")) || !isSame) {
      failures.push(`${orderId}:${attempt} is ${state}, booked ${kinds.join(", ") || "nothing"}`);
    }
  }
  return breachOf("money", "every charge, capture, void and refund is booked once", failures);
}

/** No payment waits for anything, on either book. */
export function nothingIsInFlight({ books, orders }: Evidence): Breach[] {
  const failures = [
    ...orders
      .filter(isPaymentOpen)
      .map(({ orderId, payment }) => `the payment of ${orderId} is ${payment?.status}`),
    ...(books ?? [])
      .filter(isChargeOpen)
      .map(({ attempt, orderId, state }) => `the sandbox has ${orderId}:${attempt} ${state}`),
  ];
  return breachOf("unfinished", "no payment is in flight", failures);
}

/** No payment waits for a person. */
export function nobodyIsNeeded({ attention }: Evidence): Breach[] {
  const failures = attention.map(({ attention: why, orderId }) => `${orderId}: ${why}`);
  return breachOf("unfinished", "no payment needs a person", failures);
}

/** Orders that the ledger has as confirmed after a payment by card, as D1 shows them. */
function cardOrders({ ledger, orders }: Evidence): Map<string, Order> {
  const byCard = new Set(
    ledger.filter(({ type }) => type === "confirmed").map((row) => row.orderId),
  );
  const statuses = ordersOfLedger(ledger);
  return new Map(
    orders
      .filter(({ orderId }) => {
        return byCard.has(orderId) && isConfirmed(statuses.get(orderId)?.status ?? null);
      })
      .map((order) => [order.orderId, order]),
  );
}

function booked(books: readonly SandboxPayment[], kind: string): number {
  return books
    .flatMap(({ bookings }) => bookings)
    .filter((booking) => booking.kind === kind)
    .reduce((sum, { amount }) => sum + amount.amount, 0);
}

function countStates(books: readonly SandboxPayment[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of books) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
