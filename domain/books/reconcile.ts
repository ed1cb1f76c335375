/*
 * What a reconciliation says. It compares what an item's events come to with the tables that are made from
 * them, with the provider's own books, and with what shoppers were told.
 */

/** Differences that are listed, of one item; all are counted. */
export const DIFFERENCES_LISTED_MAX = 100;

/** What can be wrong, and with which row. */
export type DifferenceKind =
  /** A fact is in the item's chain and not in the table, says something else there, or was never written. */
  | "event_missing"
  | "event_changed"
  | "event_surplus"
  | "order_missing"
  | "order_changed"
  | "order_surplus"
  | "payment_missing"
  | "payment_changed"
  | "payment_surplus"
  /** The provider has not what the order says, has it otherwise, or has money that no order asked for. */
  | "charge_missing"
  | "charge_changed"
  | "charge_surplus"
  /** The provider did the same thing twice, or keeps the money of two attempts. */
  | "booked_twice"
  | "level_missing"
  | "level_changed"
  /** The counters of the chain are not the sum of its orders. */
  | "units_unbalanced"
  | "message_missing"
  | "message_changed"
  /** A second message about the same fact. */
  | "message_doubled"
  /** A message about nothing that happened. */
  | "message_surplus"
  | "message_undelivered"
  | "notification_missing"
  | "notification_surplus";

/** What a column holds. */
export type Scalar = string | number | boolean | null;

/** One difference, which names its row. */
export interface Difference {
  kind: DifferenceKind;
  /** As the database calls it; `ledger` is the item's own. */
  table: string;
  /** The row's key; parts are separated by a blank. */
  key: string;
  field?: string;
  expected?: Scalar;
  found?: Scalar;
}

/** Sums in minor units. At rest, captured = confirmed + refunded. */
export interface MoneyFigures {
  currency: string | null;
  /** By the provider's books where there are any to read, else by ours. */
  captured: number;
  refunded: number;
  /** Of confirmed orders whose card was charged. */
  confirmed: number;
  /** Of orders whose payment has a step to come. */
  inFlight: number;
  /** Of orders that a person has put right. */
  byHand: number;
  /** Of confirmed orders on delivery, which no provider hears of. */
  onDelivery: number;
}

/** What was compared, and how much of it there is. */
export interface BooksFigures {
  events: number;
  orders: number;
  payments: number;
  /** Of the provider; `null` where its books cannot be read. */
  charges: number | null;
  messages: number;
  /** Messages that lie in the mailbox. */
  delivered: number;
  /** Orders with events that are still on their way to the tables: the next reconciliation compares them. */
  unsettled: number;
  units: { stock: number; available: number; held: number; sold: number };
  money: MoneyFigures;
}

/** How an item came out. */
export interface Reconciliation {
  sku: string;
  saleId: string;
  ok: boolean;
  /** How far the chain was compared. */
  throughSequence: number;
  figures: BooksFigures;
  /** All of them; more than the list has. */
  count: number;
  /** At most `DIFFERENCES_LISTED_MAX`. */
  differences: Difference[];
}

/** Collects differences: lists the first, counts all. */
export class Findings {
  readonly listed: Difference[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(differences: readonly Difference[]): void {
    this.#count += differences.length;
    for (const difference of differences)
      if (this.listed.length < DIFFERENCES_LISTED_MAX) this.listed.push(difference);
  }

  /** Counts what is not looked at any more, since there is so much of it. */
  addUnnamed(count: number): void {
    this.#count += count;
  }
}

/** The fields in which a row differs from what is expected of it, each as one difference. */
export function fieldDifferences<Row extends object>(
  named: Pick<Difference, "kind" | "table" | "key">,
  fields: readonly (keyof Row & string)[],
  expected: Row,
  found: Row,
): Difference[] {
  const differences: Difference[] = [];
  for (const field of fields) {
    const [wanted, is] = [(expected[field] ?? null) as Scalar, (found[field] ?? null) as Scalar];
    if (wanted !== is) differences.push({ ...named, field, expected: wanted, found: is });
  }
  return differences;
}
