import type { Actor } from "../domain/books/actor.ts";
import {
  CHAIN_PAGE_MAX_BYTES,
  CHAIN_PAGE_MAX_ROWS,
  chainHash,
  GENESIS_HASH,
  rowsWithin,
  type ChainPage,
  type ChainRow,
} from "../domain/books/chain.ts";
import { encodeTrailEntry, type TrailEntry } from "../domain/books/trail.ts";

/** The tables of a trail, for the migrations of the object that keeps it. */
export const TRAIL_TABLES = `CREATE TABLE trail (
     sequence INTEGER PRIMARY KEY,
     text TEXT NOT NULL,
     hash TEXT NOT NULL
   ) STRICT;
   CREATE TABLE trail_mark (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     projected_through INTEGER NOT NULL
   ) STRICT;
   INSERT INTO trail_mark (id, projected_through) VALUES (1, 0);`;

/** The end of a trail: `{ sequence: 0, hash: GENESIS_HASH }` while it is empty. */
export type TrailEnd = Pick<ChainRow, "sequence" | "hash">;

/**
 * A chain that is not an item's, in its writer's own tables. What is written is part of the caller's
 * transaction, beside what it tells of.
 */
export class TrailStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  /** Where the chain stands. */
  end(): TrailEnd {
    const rows = this.#sql.exec<{ sequence: number; hash: string }>(
      "SELECT sequence, hash FROM trail ORDER BY sequence DESC LIMIT 1",
    );
    return rows.toArray()[0] ?? { sequence: 0, hash: GENESIS_HASH };
  }

  /** Adds a fact; the sequence that it has got. */
  write(type: TrailEntry["type"], detail: object, by: Actor, atMs: number): number {
    const end = this.end();
    const sequence = end.sequence + 1;
    const text = encodeTrailEntry({ ...by, v: 1, sequence, atMs, type, detail: { ...detail } });
    this.#sql.exec(
      "INSERT INTO trail (sequence, text, hash) VALUES (?, ?, ?)",
      sequence,
      text,
      chainHash(end.hash, text),
    );
    return sequence;
  }

  /** Rows after `sequence`, oldest first. */
  rowsAfter(sequence: number, limit: number): ChainRow[] {
    return this.#sql
      .exec<{ sequence: number; text: string; hash: string }>(
        "SELECT sequence, text, hash FROM trail WHERE sequence > ? ORDER BY sequence LIMIT +?",
        sequence,
        limit,
      )
      .toArray();
  }

  /** Where the chain stands, and how far the projection has acknowledged it. */
  marks(): { sequence: number; through: number } {
    return this.#sql
      .exec<{ sequence: number; through: number }>(
        `SELECT projected_through AS through, (SELECT coalesce(max(sequence), 0) FROM trail) AS sequence
         FROM trail_mark`,
      )
      .one();
  }

  /** A page of the chain for others. */
  page(chain: string, after: number): ChainPage {
    const rows = rowsWithin(this.rowsAfter(after, CHAIN_PAGE_MAX_ROWS), CHAIN_PAGE_MAX_BYTES);
    return { head: { chain, ...this.end() }, rows, mirroredThrough: this.marks().through };
  }

  markProjected(through: number): void {
    this.#sql.exec("UPDATE trail_mark SET projected_through = max(projected_through, ?)", through);
  }
}
