import {
  CHAIN_PAGE_MAX_BYTES,
  CHAIN_PAGE_MAX_ROWS,
  GENESIS_HASH,
  chainHash,
  itemChain,
  rowsWithin,
  type ChainHead,
  type ChainPage,
  type ChainRow,
} from "../domain/books/chain.ts";
import type { Marks } from "../domain/books/flight.ts";
import { decodeEvent, encodeEvent, type LedgerEvent } from "../domain/purchase/ledger.ts";
import { insertRows } from "./insert-rows.ts";

/** A row of a query, with these columns. */
type Row<Columns> = Columns & Record<string, SqlStorageValue>;

const LEDGER_COLUMNS = ["sequence", "type", "command_id", "event", "hash"];

/** What an event tells, before it has its place. */
export type Fact = Omit<LedgerEvent, "sequence" | "atMs">;

/**
 * The ledger of an item in its own tables (see sku-tables.ts), and how far each of its readers is. What
 * is appended belongs into the transaction that writes what it tells of.
 */
export class LedgerStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  /** Events after `sequence`, in order, no more than so many. */
  eventsAfter(sequence: number, limit: number): LedgerEvent[] {
    return this.rowsAfter(sequence, limit).map(({ text }) => decodeEvent(text));
  }

  /** Rows after `sequence` as they are stored, in order, no more than so many. */
  rowsAfter(sequence: number, limit: number): ChainRow[] {
    return this.#sql
      .exec<Row<ChainRow>>(
        `SELECT sequence, event AS text, hash FROM ledger
         WHERE sequence > ? ORDER BY sequence LIMIT +?`,
        sequence,
        limit,
      )
      .toArray();
  }

  /** Who took units in the rows after `sequence`, no more than so many rows; and the last of these rows. */
  takenAfter(
    sequence: number,
    limit: number,
  ): { taken: { number: number; units: number }[]; through: number | null } {
    // SQLite takes two fields out of a row in a fraction of the time that parsing it takes.
    const rows = this.#sql
      .exec<Row<{ sequence: number; number: number | null; units: number | null }>>(
        `SELECT sequence,
           CASE WHEN type IN ('reserved', 'offered') THEN event ->> '$.order.number' END AS number,
           CASE WHEN type IN ('reserved', 'offered') THEN event ->> '$.quantity' END AS units
         FROM ledger WHERE sequence > ? ORDER BY sequence LIMIT +?`,
        sequence,
        limit,
      )
      .toArray();
    const taken = rows.flatMap(({ number, units }) =>
      number === null || units === null ? [] : [{ number, units }],
    );
    return { taken, through: rows.at(-1)?.sequence ?? null };
  }

  /** The event that an earlier command of this id led to; `null` when there was none. */
  eventOfCommand(commandId: string): LedgerEvent | null {
    const [row] = this.#sql
      .exec<{ event: string }>("SELECT event FROM ledger WHERE command_id = ?", commandId)
      .toArray();
    return row ? decodeEvent(row.event) : null;
  }

  /** Where the ledger stands and how far it is projected; `null` before the item is created. */
  marks(): Marks | null {
    const [marks] = this.#sql
      .exec<Row<Marks>>("SELECT sequence, projected_through AS through FROM item")
      .toArray();
    return marks ?? null;
  }

  /** The last row; `null` before the item is created. */
  head(): ChainHead | null {
    const [row] = this.#sql
      .exec<{ sku: string; sequence: number; hash: string }>(
        "SELECT terms ->> '$.sku' AS sku, sequence, head_hash AS hash FROM item",
      )
      .toArray();
    return row ? { chain: itemChain(row.sku), sequence: row.sequence, hash: row.hash } : null;
  }

  /** Rows after `sequence` as they are stored, with the head; of an item that was never created none. */
  page(sequence: number, sku: string): ChainPage {
    const none = { chain: itemChain(sku), sequence: 0, hash: GENESIS_HASH };
    const rows = this.rowsAfter(sequence, CHAIN_PAGE_MAX_ROWS);
    return {
      head: this.head() ?? none,
      rows: rowsWithin(rows, CHAIN_PAGE_MAX_BYTES),
      mirroredThrough: this.marks()?.through ?? 0,
    };
  }

  markProjected(through: number): void {
    this.#sql.exec("UPDATE item SET projected_through = max(projected_through, ?)", through);
  }

  markReported(through: number): void {
    this.#sql.exec("UPDATE item SET reported_through = max(reported_through, ?)", through);
  }

  /**
   * Appends facts and writes the counters after the last of them; whether more units are available than
   * before. `commandId` names the command that these facts are of.
   */
  append(facts: readonly Fact[], nowMs: number, commandId: string | null = null): boolean {
    const last = this.#sql
      .exec<{ sequence: number; head_hash: string; available: number }>(
        "SELECT sequence, head_hash, available FROM item",
      )
      .one();
    let { sequence, head_hash: hash } = last;
    const rows = facts.map((fact) => {
      sequence += 1;
      const event: LedgerEvent = { sequence, atMs: nowMs, ...fact };
      const encoded = encodeEvent(event);
      hash = chainHash(hash, encoded);
      return [sequence, event.type, commandId, encoded, hash];
    });
    insertRows(this.#sql, "ledger", LEDGER_COLUMNS, rows);
    const level = facts.at(-1)?.level;
    if (!level) return false;
    const { stock, available, held, sold } = level;
    this.#sql.exec(
      `UPDATE item SET stock = ?, available = ?, held = ?, sold = ?, sequence = ?, head_hash = ?,
         sold_out_at_ms = CASE WHEN ? + ? > 0 THEN NULL ELSE coalesce(sold_out_at_ms, ?) END`,
      stock,
      available,
      held,
      sold,
      sequence,
      hash,
      available,
      held,
      nowMs,
    );
    return available > last.available;
  }
}
