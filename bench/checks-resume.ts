import { type Breach, breachOf } from "./breach.ts";
import { isConfirmed, ordersOfLedger } from "./checks-ledger.ts";
import type { LedgerRow, Order } from "./contract.ts";
import { lastSeen, type ShopperRecord } from "./shopper-record.ts";

/** A place that was acknowledged before the kill, and what a join says after it. */
export interface PlaceComparison {
  index: number;
  before: number;
  /** Null when the answer after the kill shows no number. */
  after: number | null;
}

/** Shoppers who had a number in this snapshot and did not leave the line. */
export function placesToCompare(
  snapshot: readonly ShopperRecord[],
): { index: number; number: number }[] {
  return snapshot.flatMap(({ index, places, hasLeft }) => {
    const number = places.at(-1)?.number ?? null;
    return number === null || hasLeft ? [] : [{ index, number }];
  });
}

/** Every place acknowledged before the kill is the same after it. */
export function placesAreKept(comparisons: readonly PlaceComparison[]): Breach[] {
  const failures = comparisons
    .filter(({ before, after }) => before !== after)
    .map(({ index, before, after }) => `shopper ${index} had ${before} and now has ${after}`);
  return breachOf("lost", "every place acknowledged before the kill is there after it", failures);
}

/** Every hold acknowledged before the kill is in the ledger that the restarted system reads. */
export function holdsSurvive(
  snapshot: readonly ShopperRecord[],
  ledger: readonly LedgerRow[],
): Breach[] {
  const orders = ordersOfLedger(ledger);
  const failures: string[] = [];
  for (const record of snapshot) {
    for (const { orderId } of record.holds) {
      const order = orders.get(orderId);
      const told = lastSeen(record, orderId)?.status ?? null;
      if (order === undefined) failures.push(`${orderId} is gone`);
      else if (isConfirmed(told) && !isConfirmed(order.status)) {
        failures.push(`${orderId} was told ${told} and is ${order.status}`);
      }
    }
  }
  return breachOf("lost", "every order acknowledged before the kill is there after it", failures);
}

/** In the end D1 is at least as far as every shopper had seen before the kill. */
export function versionsSurvive(
  snapshot: readonly ShopperRecord[],
  orders: readonly Order[],
): Breach[] {
  const versions = new Map(orders.map((order) => [order.orderId, order.version]));
  const failures: string[] = [];
  for (const { orders: seen } of snapshot) {
    for (const { orderId, version } of seen) {
      const kept = versions.get(orderId) ?? 0;
      if (version !== null && kept < version) {
        failures.push(`${orderId} was told version ${version}; D1 ends at ${kept}`);
      }
    }
  }
  return breachOf("lost", "no order falls behind what was told before the kill", failures);
}
