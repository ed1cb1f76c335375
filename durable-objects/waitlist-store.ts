import type { EntryState, WaitlistEntry } from "../domain/purchase/waitlist.ts";
import { IS_OFFER } from "./sku-tables.ts";

/*
 * The rows of a waiting list, which are in the item's own tables (see sku-store.ts): joining writes a row and two
 * index entries, and with every change of who waits the count on the item's row, so that a purchase
 * knows without a query that nobody does.
 */

interface EntryRow extends Record<string, SqlStorageValue> {
  shopper: string;
  number: number;
  quantity: number;
  lapses: number;
  state: string;
  order_id: string;
  address: string | null;
  traceparent: string | null;
  joined_at_ms: number;
}

/** What became of everyone who was ever on a list: of the offers, and of those who got none. */
export interface WaitlistCounts {
  waiting: number;
  /** Offers that are still to be decided. */
  offered: number;
  bought: number;
  /** Offers that were let go, and those who could not be made one. */
  lapsed: number;
  left: number;
}

export class WaitlistStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  entry(shopper: string): WaitlistEntry | null {
    const [entry] = this.#entries("SELECT * FROM waitlist WHERE shopper = ?", shopper);
    return entry ?? null;
  }

  /** Those who wait for no more than so many units, next first. */
  fitting(units: number, limit: number): WaitlistEntry[] {
    return this.#entries(
      `SELECT * FROM waitlist WHERE state = 'waiting' AND quantity <= ?
       ORDER BY lapses, number LIMIT +?`,
      units,
      limit,
    );
  }

  /** How many stand before an entry. */
  ahead({ lapses, number }: WaitlistEntry): number {
    return this.#sql
      .exec<{ ahead: number }>(
        `SELECT count(*) AS ahead FROM waitlist
         WHERE state = 'waiting' AND (lapses, number) < (?, ?)`,
        lapses,
        number,
      )
      .one().ahead;
  }

  /** Writes an entry in place of the shopper's earlier one. */
  write(entry: WaitlistEntry, earlier: WaitlistEntry | null): void {
    this.#sql.exec(
      `INSERT INTO waitlist
         (shopper, number, quantity, lapses, state, order_id, address, traceparent, joined_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (shopper) DO UPDATE
       SET number = excluded.number, quantity = excluded.quantity, lapses = excluded.lapses,
           state = excluded.state, order_id = excluded.order_id, address = excluded.address,
           traceparent = excluded.traceparent, joined_at_ms = excluded.joined_at_ms`,
      entry.shopper,
      entry.number,
      entry.quantity,
      entry.lapses,
      entry.state,
      entry.orderId,
      entry.address ?? null,
      entry.traceparent ?? null,
      entry.joinedAtMs,
    );
    const more = Number(entry.state === "waiting") - Number(earlier?.state === "waiting");
    if (more === 0) return;
    this.#sql.exec("UPDATE item SET waiting = waiting + ?, list_version = list_version + 1", more);
  }

  counts(): WaitlistCounts {
    const counts: WaitlistCounts = { waiting: 0, offered: 0, bought: 0, lapsed: 0, left: 0 };
    const rows = this.#sql.exec<{ outcome: keyof WaitlistCounts | null; count: number }>(
      `SELECT CASE WHEN status IN ('RESERVED', 'PAYMENT_PENDING') THEN 'offered'
                   WHEN status IN ('CONFIRMED', 'REFUNDED') THEN 'bought' ELSE 'lapsed' END AS outcome,
              count(*) AS count
       FROM hold WHERE ${IS_OFFER} GROUP BY outcome
       UNION ALL
       SELECT state, count(*) FROM waitlist WHERE state <> 'offered' GROUP BY state`,
    );
    for (const { outcome, count } of rows) if (outcome !== null) counts[outcome] += count;
    return counts;
  }

  #entries(query: string, ...values: SqlStorageValue[]): WaitlistEntry[] {
    return this.#sql
      .exec<EntryRow>(query, ...values)
      .toArray()
      .map(entryOf);
  }
}

function entryOf(row: EntryRow): WaitlistEntry {
  return {
    shopper: row.shopper,
    number: row.number,
    quantity: row.quantity,
    lapses: row.lapses,
    state: row.state as EntryState,
    orderId: row.order_id,
    ...(row.address === null ? {} : { address: row.address }),
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    joinedAtMs: row.joined_at_ms,
  };
}
