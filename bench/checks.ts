import { unitsOf } from "./accounts.ts";
import { type Breach, breachOf } from "./breach.ts";
import { checkBooks } from "./checks-books.ts";
import {
  disagreements,
  isConfirmed,
  ledgerHasNoGaps,
  ordersOfLedger,
  rowsMoveTheirUnits,
  sameStatus,
  saysTheSame,
  stockBalances,
} from "./checks-ledger.ts";
import { checkLog } from "./checks-log.ts";
import { checkMoney } from "./checks-money.ts";
import {
  arrivalOrderIsKept,
  capacityIsKept,
  everyCallIsAnswered,
  limitIsKept,
  lineForms,
  noNumberIsUntold,
  nothingIsTakenBack,
  numbersAreUnique,
  sameKeySameAnswer,
} from "./checks-shoppers.ts";
import { checkWaitlist } from "./checks-waitlist.ts";
import type { OrderStatus } from "./contract.ts";
import type { Evidence } from "./evidence.ts";
import { lastSeen, type ShopperRecord } from "./shopper-record.ts";

/** Runs every check over the evidence of a flood; empty when every promise was kept. */
export function checkAll(evidence: Evidence): Breach[] {
  return [...checkPromises(evidence), ...lineForms(evidence.records, evidence.sale.capacity)];
}

/** Runs every check that no crowd, however it behaves, may see fail. */
export function checkPromises(evidence: Evidence): Breach[] {
  const { ledger, records, sale, summary } = evidence;
  return [
    ...ledgerHasNoGaps(ledger),
    ...stockBalances(ledger, sale.stock),
    ...rowsMoveTheirUnits(ledger),
    ...nothingIsOversold(evidence),
    ...countsAgree(evidence),
    ...holdsAreKept(evidence),
    ...outcomesAgree(evidence),
    ...projectionIsComplete(evidence),
    ...checkMoney(evidence),
    ...checkWaitlist(evidence),
    ...checkBooks(evidence),
    ...checkLog(evidence),
    ...noOrderIsUntold(evidence),
    ...numbersAreUnique(records),
    ...noNumberIsUntold(records),
    ...limitIsKept(records, sale.perShopper),
    ...arrivalOrderIsKept(records),
    ...sameKeySameAnswer(records),
    ...nothingIsTakenBack(records),
    ...capacityIsKept(records, sale.capacity, summary.objects?.sequencer?.peakInside),
    ...everyCallIsAnswered(records),
    ...stockReachesTheLine(evidence),
  ];
}

/** Units confirmed, as each source counts them; `told` is what shoppers were told. */
export interface ConfirmedUnits {
  ledger: number;
  ledgerOrders: number;
  d1: number;
  told: number;
  summary: number | undefined;
}

/** Counts what is sold in every source. */
export function confirmedUnits(evidence: Evidence): ConfirmedUnits {
  return {
    ledger: evidence.ledger.at(-1)?.sold ?? 0,
    ledgerOrders: unitsConfirmed(ordersOfLedger(evidence.ledger).values()),
    d1: unitsConfirmed(evidence.orders),
    told: unitsConfirmed(toldOrders(evidence.records)),
    summary: evidence.summary.sold,
  };
}

/** No source has more sold than there was: what the sale was created with, and what was restocked since. */
export function nothingIsOversold(evidence: Evidence): Breach[] {
  const there = unitsOf(evidence);
  const stock = there.stock + there.restocked;
  const units = confirmedUnits(evidence);
  const excess = new Map<string, number>([
    ["the ledger", units.ledger - stock],
    ["the ledger's orders", units.ledgerOrders - stock],
    ["D1", units.d1 - stock],
    ["what shoppers were told", units.told - stock],
    ["the summary", evidence.summary.oversold ?? 0],
  ]);
  const failures = [...excess].flatMap(([source, more]) =>
    more > 0 ? [`${source}: ${more} more than the stock`] : [],
  );
  return breachOf("oversold", "never oversold", failures, Math.max(...excess.values()));
}

/** The ledger's counter, its orders, D1 and the summary have sold the same number of units. */
export function countsAgree(evidence: Evidence): Breach[] {
  const { ledger, ledgerOrders, d1, summary } = confirmedUnits(evidence);
  const agree = ledger === ledgerOrders && ledger === d1 && (summary ?? ledger) === ledger;
  const sentence = `ledger ${ledger}, its orders ${ledgerOrders}, D1 ${d1}, summary ${summary}`;
  return breachOf("balance", "every source counts the same units sold", agree ? [] : [sentence]);
}

/** Every acknowledged hold is in the ledger and in D1, with its quantity and total. */
export function holdsAreKept(evidence: Evidence): Breach[] {
  const inLedger = ordersOfLedger(evidence.ledger);
  const inD1 = new Map(evidence.orders.map((order) => [order.orderId, order]));
  const failures: string[] = [];
  for (const { index, holds } of evidence.records) {
    for (const { orderId, quantity, total } of holds) {
      if (inLedger.get(orderId)?.quantity !== quantity) {
        failures.push(`shopper ${index}: ${orderId} x${quantity} is not in the ledger`);
      }
      const order = inD1.get(orderId);
      if (order?.quantity !== quantity || order.total.amount !== total.amount) {
        failures.push(`shopper ${index}: ${orderId} x${quantity} is not in D1 as acknowledged`);
      }
    }
  }
  return breachOf("lost", "every acknowledged hold is kept", failures);
}

const FINAL_STATUSES: ReadonlySet<OrderStatus> = new Set([
  "CONFIRMED",
  "SHIPPED",
  "DELIVERED",
  "EXPIRED",
  "PAYMENT_FAILED",
  "CANCELLED",
  "REFUNDED",
]);

/** What a shopper was told as the end of an order is what the ledger and D1 say. */
export function outcomesAgree(evidence: Evidence): Breach[] {
  const inLedger = ordersOfLedger(evidence.ledger);
  const inD1 = new Map(evidence.orders.map((order) => [order.orderId, order.status]));
  const failures: string[] = [];
  for (const { orderId, status } of toldOrders(evidence.records)) {
    if (!FINAL_STATUSES.has(status)) continue;
    const order = inLedger.get(orderId);
    const projected = inD1.get(orderId);
    const isInLedger = order !== undefined && saysTheSame(order, status);
    const isInD1 = projected !== undefined && sameStatus(projected, status);
    if (!isInLedger || !isInD1) {
      const elsewhere = `ledger ${order?.status}, D1 ${projected}`;
      failures.push(`${orderId} was told ${status}; ${elsewhere}`);
    }
  }
  return breachOf("lost", "every outcome that was told stands", failures);
}

/** D1 has every order of the ledger, in the same state, and no other. */
export function projectionIsComplete({ ledger, orders }: Evidence): Breach[] {
  return breachOf("lost", "D1 agrees with the ledger", disagreements(ledger, orders));
}

/** Every order belongs to a shopper who knows of it; else a repeated call made a second one. */
export function noOrderIsUntold(evidence: Evidence): Breach[] {
  const told = new Set(toldOrders(evidence.records).map(({ orderId }) => orderId));
  const failures = [...ordersOfLedger(evidence.ledger).keys()]
    .filter((orderId) => !told.has(orderId))
    .map((orderId) => `${orderId} was told to nobody`);
  const unresolved = evidence.records.filter(mayHaveMore).length;
  if (failures.length <= unresolved) return [];
  return breachOf("duplicate", "no order exists that nobody was told of", failures);
}

/** Whether an order may be theirs that they were not told of: a lost answer, or an offer not looked for. */
function mayHaveMore({ end, list, purchaseUnresolved }: ShopperRecord): boolean {
  const hasStopped = end === "time_over" || end === "gave_up" || end === "failed";
  return purchaseUnresolved || (hasStopped && list !== null && list.orderId === null);
}

/** Units are left over only when nobody who wanted one was sent away or is still in line. */
export function stockReachesTheLine({ ledger, records }: Evidence): Breach[] {
  const last = ledger.at(-1);
  const left = (last?.available ?? 0) + (last?.held ?? 0);
  const sentAway = records.filter((record) => record.end === "sold_out").length;
  const inLine = records.filter((record) => record.end === "time_over").length;
  const failures: string[] = [];
  if (left > 0 && sentAway > 0) {
    failures.push(`${left} units are left, and ${sentAway} shoppers were told sold out`);
  }
  if (inLine > 0) failures.push(`time was over with ${inLine} in line and ${left} units left`);
  return breachOf("unfinished", "the line gets what is there, to the last unit", failures);
}

/** Every order that shoppers were told of, with the state they saw last. */
function toldOrders(
  records: readonly ShopperRecord[],
): { orderId: string; status: OrderStatus; quantity: number }[] {
  return records.flatMap((record) => {
    const quantities = new Map(record.holds.map((hold) => [hold.orderId, hold.quantity]));
    return [...quantities].map(([orderId, quantity]) => ({
      orderId,
      quantity,
      status: lastSeen(record, orderId)?.status ?? "RESERVED",
    }));
  });
}

function unitsConfirmed(
  orders: Iterable<{ status: OrderStatus | null; quantity: number }>,
): number {
  let units = 0;
  for (const { status, quantity } of orders) if (isConfirmed(status)) units += quantity;
  return units;
}
