import { type Breach, breachOf } from "./breach.ts";
import type { LedgerRow, Order, OrderStatus } from "./contract.ts";
import { meaningOf } from "./ledger-rows.ts";

/** An order as the ledger tells it. */
export interface LedgerOrder {
  orderId: string;
  quantity: number;
  /** After the last row that says it; null before the first. */
  status: OrderStatus | null;
  /** Whether no row of an unknown type came since, which may have changed it. */
  isCertain: boolean;
}

/** Replays the ledger into the state of every order. */
export function ordersOfLedger(ledger: readonly LedgerRow[]): Map<string, LedgerOrder> {
  const orders = new Map<string, LedgerOrder>();
  for (const { orderId, quantity, type } of ledger) {
    if (orderId === undefined || orderId === null) continue;
    const before = orders.get(orderId);
    const meaning = meaningOf(type);
    orders.set(orderId, {
      orderId,
      quantity: before?.quantity ?? Math.abs(quantity),
      status: meaning?.status ?? before?.status ?? null,
      isCertain: meaning === null ? false : meaning.status !== null || (before?.isCertain ?? false),
    });
  }
  return orders;
}

/** Shipping happens behind the ledger: to it these orders are confirmed. */
export function isConfirmed(status: OrderStatus | null): boolean {
  return status === "CONFIRMED" || status === "SHIPPED" || status === "DELIVERED";
}

/** Whether another source says the same about an order; an uncertain status contradicts none. */
export function saysTheSame(order: LedgerOrder, status: OrderStatus): boolean {
  return !order.isCertain || sameStatus(order.status, status);
}

/** Whether two statuses are the same to the ledger. */
export function sameStatus(one: OrderStatus | null, other: OrderStatus | null): boolean {
  return one === other || (isConfirmed(one) && isConfirmed(other));
}

/** Sentences about orders on which the ledger and D1 differ. */
export function disagreements(ledger: readonly LedgerRow[], orders: readonly Order[]): string[] {
  const inLedger = ordersOfLedger(ledger);
  const inD1 = new Map(orders.map((order) => [order.orderId, order]));
  const sentences: string[] = [];
  for (const [orderId, order] of inLedger) {
    const projected = inD1.get(orderId);
    if (projected === undefined) {
      sentences.push(`${orderId} is in the ledger and not in D1`);
    } else if (!saysTheSame(order, projected.status)) {
      sentences.push(`${orderId} is ${order.status} in the ledger, ${projected.status} in D1`);
    }
  }
  for (const orderId of inD1.keys()) {
    if (!inLedger.has(orderId)) sentences.push(`${orderId} is in D1 and not in the ledger`);
  }
  return sentences;
}

/** The ledger starts at its first row and misses none. */
export function ledgerHasNoGaps(ledger: readonly LedgerRow[]): Breach[] {
  const failures: string[] = [];
  if (ledger.length === 0) failures.push("the ledger is empty");
  let expected = 1;
  for (const { sequence } of ledger) {
    if (sequence !== expected) failures.push(`row ${sequence} stands where ${expected} is due`);
    expected = sequence + 1;
  }
  return breachOf("balance", "the ledger has every row, in sequence", failures);
}

/** `available + held + sold = stock` after every row, nothing below 0; restocks change stock. */
export function stockBalances(ledger: readonly LedgerRow[], stock: number): Breach[] {
  const failures: string[] = [];
  let expected = stock;
  for (const row of ledger) {
    if (row.type === "restocked") expected += row.quantity;
    const { available, held, sold, sequence } = row;
    if (available + held + sold !== expected || Math.min(available, held, sold) < 0) {
      failures.push(`row ${sequence}: ${available} + ${held} + ${sold}, stock ${expected}`);
    }
  }
  return breachOf("balance", "available + held + sold = stock after every row", failures);
}

/** Every row of a known type moves exactly its own units. */
export function rowsMoveTheirUnits(ledger: readonly LedgerRow[]): Breach[] {
  const failures: string[] = [];
  for (const [index, row] of ledger.entries()) {
    const before = ledger[index - 1];
    const meaning = meaningOf(row.type);
    if (before === undefined || meaning === null) continue;
    const quantity = Math.abs(row.quantity);
    const [held, sold] = [row.held - before.held, row.sold - before.sold];
    if (held !== meaning.held * quantity || sold !== meaning.sold * quantity) {
      failures.push(`row ${row.sequence} (${row.type}): held ${held}, sold ${sold}`);
    }
  }
  return breachOf("balance", "every ledger row moves its own units and no others", failures);
}
