import type { Receipt } from "../domain/log/receipt.ts";
import type { NumberedJoin } from "./lane-batch.ts";
import { migrate } from "./migrate.ts";

/*
 * The places of one lane's shoppers, in the order in which they came. A join costs one row and an index entry
 * before its number is known and one update after, a batch of them one statement each, one row for the
 * checkpoint that proves them and two updates of the counters; a claim one update. An index of those without a
 * number would cost each of them another row: they stand behind `numbered_through`, where all but few have one.
 */

/** Append-only: what has shipped never changes. */
export const LANE_MIGRATIONS = [
  `CREATE TABLE place (
     binding TEXT PRIMARY KEY,
     lane_seq INTEGER NOT NULL UNIQUE,
     arrived_at_ms INTEGER NOT NULL,
     number INTEGER,
     state TEXT NOT NULL,
     untold INTEGER NOT NULL DEFAULT 0,
     claimed_at_ms INTEGER,
     expires_at_ms INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX place_pending ON place (lane_seq) WHERE number IS NULL;
   CREATE INDEX place_untold ON place (number) WHERE untold = 1;
   CREATE TABLE counter (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     lane_seq INTEGER NOT NULL
   ) STRICT;
   INSERT INTO counter (id, lane_seq) VALUES (1, 0);`,
  `CREATE TABLE checkpoint (
     id INTEGER PRIMARY KEY,
     note TEXT NOT NULL
   ) STRICT;
   ALTER TABLE place ADD COLUMN leaf TEXT;
   ALTER TABLE place ADD COLUMN log_index INTEGER;
   ALTER TABLE place ADD COLUMN checkpoint INTEGER;`,
  `CREATE TABLE place_in_order (
     lane_seq INTEGER PRIMARY KEY,
     binding TEXT NOT NULL UNIQUE,
     arrived_at_ms INTEGER NOT NULL,
     number INTEGER,
     state TEXT NOT NULL,
     untold INTEGER NOT NULL DEFAULT 0,
     claimed_at_ms INTEGER,
     expires_at_ms INTEGER,
     leaf TEXT,
     log_index INTEGER,
     checkpoint INTEGER
   ) STRICT;
   INSERT INTO place_in_order (lane_seq, binding, arrived_at_ms, number, state, untold, claimed_at_ms,
       expires_at_ms, leaf, log_index, checkpoint)
     SELECT lane_seq, binding, arrived_at_ms, number, state, untold, claimed_at_ms, expires_at_ms, leaf,
       log_index, checkpoint FROM place ORDER BY lane_seq;
   DROP TABLE place;
   ALTER TABLE place_in_order RENAME TO place;
   CREATE INDEX place_untold ON place (number) WHERE untold = 1;
   ALTER TABLE counter ADD COLUMN numbered_through INTEGER NOT NULL DEFAULT 0;
   UPDATE counter SET numbered_through =
     coalesce((SELECT min(lane_seq) - 1 FROM place WHERE number IS NULL), lane_seq);`,
];

/** Places with the checkpoints of their receipts, of which one covers many. */
const PLACES = "SELECT * FROM place LEFT JOIN checkpoint ON checkpoint.id = place.checkpoint";

/** A shopper's place as their lane keeps it. */
export interface LanePlace {
  binding: string;
  laneSeq: number;
  arrivedAtMs: number;
  /** The number or early index; `null` until the sequencer has given it. */
  number: number | null;
  state: "placed" | "granted" | "lapsed" | "left" | "revoked";
  /** It was left, and the sequencer may not know. */
  isUntold: boolean;
  claimedAtMs: number | null;
  expiresAtMs: number | null;
  /** Proof of the join; `null` before there is a number, and in a sale without a log. */
  receipt: Receipt | null;
}

interface PlaceRow extends Record<string, SqlStorageValue> {
  binding: string;
  lane_seq: number;
  arrived_at_ms: number;
  number: number | null;
  state: LanePlace["state"];
  untold: number;
  claimed_at_ms: number | null;
  expires_at_ms: number | null;
  leaf: string | null;
  log_index: number | null;
  note: string | null;
}

export class LaneStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, LANE_MIGRATIONS);
    this.#sql = storage.sql;
  }

  place(binding: string): LanePlace | null {
    const rows = this.#sql.exec<PlaceRow>(`${PLACES} WHERE binding = ?`, binding);
    const [row] = rows.toArray();
    return row ? toPlace(row) : null;
  }

  /** Places without a number, oldest first: their answer was lost with the object. */
  pending(limit: number): LanePlace[] {
    return this.#sql
      .exec<PlaceRow>(
        `${PLACES} WHERE lane_seq > (SELECT numbered_through FROM counter) AND number IS NULL
         ORDER BY lane_seq LIMIT +?`,
        limit,
      )
      .toArray()
      .map(toPlace);
  }

  /** The places of these shoppers, by binding; who has none is missing. */
  places(bindings: string[]): Map<string, LanePlace> {
    const rows = this.#sql.exec<PlaceRow>(
      `${PLACES} WHERE binding IN (SELECT value FROM json_each(?))`,
      JSON.stringify(bindings),
    );
    return new Map(rows.toArray().map((row) => [row.binding, toPlace(row)]));
  }

  /** The sequence of the latest join. */
  laneSeq(): number {
    return this.#sql.exec<{ lane_seq: number }>("SELECT lane_seq FROM counter").one().lane_seq;
  }

  /** Writes joins that have no number yet, in one statement; former places of theirs are given up. */
  writePending(joins: LanePlace[]): void {
    const last = joins.at(-1);
    if (!last) return;
    this.#sql.exec("UPDATE counter SET lane_seq = ?", last.laneSeq);
    this.#sql.exec(
      `INSERT INTO place (binding, lane_seq, arrived_at_ms, state)
       SELECT value ->> 0, value ->> 1, value ->> 2, 'placed' FROM json_each(?) WHERE TRUE
       ON CONFLICT (binding) DO UPDATE
       SET lane_seq = excluded.lane_seq, arrived_at_ms = excluded.arrived_at_ms, number = NULL,
           state = 'placed', untold = 0, claimed_at_ms = NULL, expires_at_ms = NULL`,
      JSON.stringify(
        joins.map(({ binding, laneSeq, arrivedAtMs }) => [binding, laneSeq, arrivedAtMs]),
      ),
    );
  }

  /** Writes what the sequencer answered, and what proves it; a number that is there stays. */
  writeNumbers(numbers: NumberedJoin[], checkpoint?: string): void {
    if (numbers.length === 0) return;
    const rows = numbers.map(({ laneSeq, number, logged }) => [
      laneSeq,
      number,
      logged?.text ?? null,
      logged?.index ?? null,
    ]);
    this.#sql.exec(
      `UPDATE place SET number = given.value ->> 1, leaf = given.value ->> 2,
         log_index = given.value ->> 3, checkpoint = ?
       FROM json_each(?) AS given
       WHERE place.lane_seq = given.value ->> 0 AND place.number IS NULL`,
      checkpoint === undefined ? null : this.#writeCheckpoint(checkpoint),
      JSON.stringify(rows),
    );
    this.#sql.exec(
      `UPDATE counter SET numbered_through = coalesce(
         (SELECT place.lane_seq - 1 FROM place
          WHERE place.lane_seq > counter.numbered_through AND place.number IS NULL
          ORDER BY place.lane_seq LIMIT 1),
         counter.lane_seq)`,
    );
  }

  #writeCheckpoint(note: string): number {
    return this.#sql
      .exec<{ id: number }>("INSERT INTO checkpoint (note) VALUES (?) RETURNING id", note)
      .one().id;
  }

  /** Writes a pass, or that it was renewed; a reply that comes late takes nothing back. */
  writeGrant(binding: string, number: number, claimedAtMs: number, expiresAtMs: number): void {
    this.#sql.exec(
      `UPDATE place SET state = 'granted', claimed_at_ms = ?, expires_at_ms = ?
       WHERE binding = ? AND number = ?
         AND (state = 'placed' OR (state = 'granted' AND expires_at_ms < ?))`,
      claimedAtMs,
      expiresAtMs,
      binding,
      number,
      expiresAtMs,
    );
  }

  writeState(binding: string, number: number, state: "lapsed" | "left" | "revoked"): void {
    this.#sql.exec(
      "UPDATE place SET state = ? WHERE binding = ? AND number = ?",
      state,
      binding,
      number,
    );
  }

  /** Writes that a shopper left, which the sequencer has still to be told. */
  writeDeparture(binding: string, number: number): void {
    this.#sql.exec(
      "UPDATE place SET state = 'left', untold = 1 WHERE binding = ? AND number = ?",
      binding,
      number,
    );
  }

  /** Who left and of whom the sequencer may not know yet. */
  untoldDepartures(limit: number): { binding: string; number: number }[] {
    return this.#sql
      .exec<{ binding: string; number: number }>(
        "SELECT binding, number FROM place WHERE untold = 1 LIMIT +?",
        limit,
      )
      .toArray();
  }

  /** Writes that the sequencer knows of a departure. */
  markTold(number: number): void {
    this.#sql.exec("UPDATE place SET untold = 0 WHERE untold = 1 AND number = ?", number);
  }
}

/** The place of a join that has no number yet. */
export function pendingPlace(binding: string, laneSeq: number, arrivedAtMs: number): LanePlace {
  return {
    binding,
    laneSeq,
    arrivedAtMs,
    number: null,
    state: "placed",
    isUntold: false,
    claimedAtMs: null,
    expiresAtMs: null,
    receipt: null,
  };
}

function toPlace(row: PlaceRow): LanePlace {
  const { leaf, log_index: index, note: checkpoint } = row;
  const isProven = leaf !== null && index !== null && checkpoint !== null;
  return {
    binding: row.binding,
    laneSeq: row.lane_seq,
    arrivedAtMs: row.arrived_at_ms,
    number: row.number,
    state: row.state,
    isUntold: row.untold === 1,
    claimedAtMs: row.claimed_at_ms,
    expiresAtMs: row.expires_at_ms,
    receipt: isProven ? { leaf, index, checkpoint } : null,
  };
}
