import { type Breach, breachOf } from "./breach.ts";
import type { LedgerRow } from "./contract.ts";
import type { Evidence } from "./evidence.ts";
import type { ListTold, ShopperRecord, VisitEnd } from "./shopper-record.ts";

/** The driver's clock and the item's may differ by so much, and so may a commit and its time. */
const CLOCKS_AGREE_MS = 50;

/** Visits that ended without knowing whether there was an offer at the end. */
const UNKNOWING: ReadonlySet<VisitEnd> = new Set(["time_over", "gave_up", "failed", "visiting"]);

/** The time in which a shopper certainly waited on the list, by the ledger and the driver's clock. */
interface Wait {
  index: number;
  number: number;
  fromMs: number;
  /** Before this row and before this time. */
  untilSequence: number;
  untilMs: number;
}

/** What became of those who waited. */
export interface ListFigures {
  joined: number;
  offered: number;
  /** Whose visit ended with this order confirmed. */
  bought: number;
  /** Who declined the offer, let it lapse, or failed to pay for it. */
  letGo: number;
  /** Who was offered nothing until everything was sold. */
  waitedInVain: number;
}

/** Every check of the waiting list. */
export function checkWaitlist(evidence: Evidence): Breach[] {
  return [
    ...listIsServed(evidence),
    ...nobodyOvertakesTheList(evidence),
    ...offersGoInOrder(evidence),
  ];
}

/** Adds up what the shoppers were told. */
export function listFigures(records: readonly ShopperRecord[]): ListFigures {
  const figures = { joined: 0, offered: 0, bought: 0, letGo: 0, waitedInVain: 0 };
  for (const { end, list } of records) {
    if (list === null) continue;
    figures.joined += 1;
    if (list.orderId === null) figures.waitedInVain += 1;
    else figures.offered += 1;
    if (list.orderId !== null && end === "bought") figures.bought += 1;
    else if (list.orderId !== null) figures.letGo += 1;
  }
  return figures;
}

/** In the end no unit is left over while somebody waits for one; everyone waits for one alone. */
export function listIsServed({ ledger, sale, summary }: Evidence): Breach[] {
  const available = ledger.at(-1)?.available ?? 0;
  const { waiting = 0 } = summary.waitlist?.find(({ sku }) => sku === sale.sku) ?? {};
  const failures =
    available > 0 && waiting > 0
      ? [`${available} units are left, and ${waiting} wait for them`]
      : [];
  return breachOf("unfinished", "the waiting list gets what comes free", failures);
}

/** Nobody buys a unit in line while somebody certainly waited on the list for it. */
export function nobodyOvertakesTheList({ ledger, records }: Evidence): Breach[] {
  const waits = certainWaits(ledger, records);
  const failures = ledger
    .filter(({ type }) => type === "reserved")
    .flatMap((row) => {
      const passedOver = waits.find((wait) => isWaiting(wait, row));
      return passedOver ? [`row ${row.sequence} passes over shopper ${passedOver.index}`] : [];
    });
  return breachOf("order", "nobody buys while somebody waits on the list", failures);
}

/** What comes free is offered to the smallest number of all who certainly waited. */
export function offersGoInOrder({ ledger, records }: Evidence): Breach[] {
  const waits = certainWaits(ledger, records);
  const numbers = new Map(
    records.flatMap(({ list }) => (list?.orderId ? [[list.orderId, list.number]] : [])),
  );
  const failures = ledger
    .filter(({ type }) => type === "offered")
    .flatMap((row) => {
      const number = numbers.get(row.orderId ?? "") ?? 0;
      const before = waits.find((wait) => wait.number < number && isWaiting(wait, row));
      return before ? [`row ${row.sequence} offers to ${number} before ${before.number}`] : [];
    });
  return breachOf("order", "offers go to the next on the waiting list", failures);
}

function isWaiting({ fromMs, untilMs, untilSequence }: Wait, { at, sequence }: LedgerRow): boolean {
  const atMs = Date.parse(at);
  return fromMs <= atMs && atMs < untilMs && sequence < untilSequence;
}

function certainWaits(ledger: readonly LedgerRow[], records: readonly ShopperRecord[]): Wait[] {
  const offers = new Map(
    ledger.flatMap(({ orderId, sequence, type }) =>
      type === "offered" && orderId ? [[orderId, sequence]] : [],
    ),
  );
  return records.flatMap(({ end, index, list }) => {
    if (list === null || (list.orderId === null && UNKNOWING.has(end))) return [];
    return [waitOf(index, list, offers)];
  });
}

function waitOf(index: number, list: ListTold, offers: ReadonlyMap<string, number>): Wait {
  const { joinedAtMs, leftAtMs, number, orderId } = list;
  const untilSequence = orderId === null ? Infinity : (offers.get(orderId) ?? 0);
  const untilMs = (leftAtMs ?? Infinity) - CLOCKS_AGREE_MS;
  return { index, number, fromMs: joinedAtMs + CLOCKS_AGREE_MS, untilMs, untilSequence };
}
