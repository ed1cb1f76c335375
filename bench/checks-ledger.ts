import { type Breach, breachOf } from "./breach.ts";
import type { LedgerRow, Order, OrderStatus } from "./contract.ts";

/** The status of an order after a ledger row of a known type. */
const STATUS_AFTER: Readonly<Record<string, OrderStatus>> = {
  reserved: "RESERVED",
  payment_pending: "PAYMENT_PENDING",
  payment_declined: "RESERVED",
  confirmed: "CONFIRMED",
  captured: "CONFIRMED",
  cancelled: "CANCELLED",
  expired: "EXPIRED",
  payment_failed: "PAYMENT_FAILED",
  voided: "PAYMENT_FAILED",
};

/** An order as the ledger tells it. */
export interface LedgerOrder {
  orderId: string;
  quantity: number;
  /** After the last row of a known type; null before the first. */
  status: OrderStatus | null;
  /** Whether no row of an unknown type came since, which may have changed the status. */
  isCertain: boolean;
}

/** Replays the ledger into the state of every order. */
export function ordersOfLedger(ledger: readonly LedgerRow[]): Map<string, LedgerOrder> {
  const orders = new Map<string, LedgerOrder>();
  for (const { orderId, quantity, type } of ledger) {
    if (orderId === undefined || orderId === null) continue;
    const before = orders.get(orderId);
    const status = STATUS_AFTER[type];
    orders.set(orderId, {
      orderId,
      quantity: before?.quantity ?? Math.abs(quantity),
      status: status ?? before?.status ?? null,
      isCertain: status !== undefined,
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
  const statuses = new Map<string, OrderStatus>();
  for (const [index, row] of ledger.entries()) {
    const before = ledger[index - 1];
    const orderId = row.orderId ?? null;
    if (before !== undefined && orderId !== null) {
      const due = unitsMoved(row, statuses.get(orderId) ?? null);
      const [held, sold] = [row.held - before.held, row.sold - before.sold];
      if (due !== null && (due.held !== held || due.sold !== sold)) {
        failures.push(`row ${row.sequence} (${row.type}): held ${held}, sold ${sold}`);
      }
    }
    const after = STATUS_AFTER[row.type];
    if (orderId !== null && after !== undefined) statuses.set(orderId, after);
  }
  return breachOf("balance", "every ledger row moves its own units and no others", failures);
}

/** Change of `held` and `sold` that a row is due to make; null when it cannot be told. */
function unitsMoved(
  row: LedgerRow,
  before: OrderStatus | null,
): { held: number; sold: number } | null {
  const quantity = Math.abs(row.quantity);
  switch (row.type) {
    case "reserved":
      return { held: quantity, sold: 0 };
    case "payment_pending":
    case "payment_declined":
    case "captured":
    case "voided":
      return { held: 0, sold: 0 };
    case "confirmed":
      return { held: -quantity, sold: quantity };
    case "cancelled":
    case "expired":
    case "payment_failed":
      if (before === null) return null;
      return before === "CONFIRMED" ? { held: 0, sold: -quantity } : { held: -quantity, sold: 0 };
    default:
      return null;
  }
}
