import type { Receipt } from "../domain/log/receipt.ts";
import type { NumberedJoin } from "./lane-batch.ts";
import { migrate } from "./migrate.ts";
import { WAITING_TABLE, WaitingJoins, type WaitingJoin } from "./waiting-joins.ts";

/*
 * The places of one lane's shoppers. A join costs one row, written with its number; before that it waits in a row that
 * it shares with all that were stored together. Beside these, a batch costs a row for what proves its joins, and one for
 * the count of joins. A claim is one update.
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
  // A version from before finds all places that have a number; those that it begins and leaves without one are begun anew.
  `${WAITING_TABLE}
   INSERT INTO waiting (last_seq, joins)
     SELECT lane_seq, json_array(json_array(lane_seq, arrived_at_ms, binding)) FROM place WHERE number IS NULL;
   CREATE TABLE place_by_binding (
     binding TEXT PRIMARY KEY,
     lane_seq INTEGER NOT NULL,
     arrived_at_ms INTEGER NOT NULL,
     number INTEGER,
     state TEXT NOT NULL,
     untold INTEGER NOT NULL DEFAULT 0,
     claimed_at_ms INTEGER,
     expires_at_ms INTEGER,
     leaf TEXT,
     log_index INTEGER,
     checkpoint INTEGER
   ) STRICT, WITHOUT ROWID;
   INSERT INTO place_by_binding (binding, lane_seq, arrived_at_ms, number, state, untold, claimed_at_ms,
       expires_at_ms, leaf, log_index, checkpoint)
     SELECT binding, lane_seq, arrived_at_ms, number, state, untold, claimed_at_ms, expires_at_ms, leaf,
       log_index, checkpoint FROM place WHERE number IS NOT NULL ORDER BY binding;
   DROP TABLE place;
   ALTER TABLE place_by_binding RENAME TO place;
   CREATE INDEX place_untold ON place (number) WHERE untold = 1;
   ALTER TABLE checkpoint ADD COLUMN leaves TEXT;`,
];

/** A shopper's place as their lane keeps it, from when it has a number. */
export interface LanePlace {
  binding: string;
  laneSeq: number;
  arrivedAtMs: number;
  /** The number or early index. */
  number: number;
  state: "placed" | "granted" | "lapsed" | "left" | "revoked";
  /** It was left, and the sequencer may not know. */
  isUntold: boolean;
  claimedAtMs: number | null;
  expiresAtMs: number | null;
  /** Where what proves the join is kept; `null` in a sale without a log. */
  proof: Proof | null;
}

interface Proof {
  index: number;
  checkpoint: number;
  /** The entry, where a version from before has put it. */
  leaf: string | null;
}

interface PlaceRow extends Record<string, SqlStorageValue> {
  binding: string;
  lane_seq: number;
  arrived_at_ms: number;
  number: number;
  state: LanePlace["state"];
  untold: number;
  claimed_at_ms: number | null;
  expires_at_ms: number | null;
  leaf: string | null;
  log_index: number | null;
  checkpoint: number | null;
}

/** What proves the joins of a batch: a signed head, and their entries by index. A row of it never changes. */
interface Checkpoint {
  id: number;
  note: string;
  leaves: Record<string, string>;
}

export class LaneStore {
  readonly waiting: WaitingJoins;
  readonly #sql: SqlStorage;
  /** Who joined together asks together: the one that was read last. */
  #checkpoint: Checkpoint | null = null;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, LANE_MIGRATIONS);
    this.#sql = storage.sql;
    this.waiting = new WaitingJoins(storage.sql);
  }

  place(binding: string): LanePlace | null {
    const [row] = this.#sql
      .exec<PlaceRow>("SELECT * FROM place WHERE binding = ? AND number IS NOT NULL", binding)
      .toArray();
    return row ? toPlace(row) : null;
  }

  /** The places of these shoppers, by binding; who has none is missing. */
  places(bindings: string[]): Map<string, LanePlace> {
    const rows = this.#sql.exec<PlaceRow>(
      `SELECT * FROM place
       WHERE binding IN (SELECT value FROM json_each(?)) AND number IS NOT NULL`,
      JSON.stringify(bindings),
    );
    return new Map(rows.toArray().map((row) => [row.binding, toPlace(row)]));
  }

  /** Proof of a place's join; `null` in a sale without a log. */
  receipt({ proof }: LanePlace): Receipt | null {
    if (!proof) return null;
    const { index } = proof;
    if (this.#checkpoint?.id !== proof.checkpoint)
      this.#checkpoint = this.#readCheckpoint(proof.checkpoint);
    const leaf = proof.leaf ?? this.#checkpoint?.leaves[index];
    return this.#checkpoint && leaf !== undefined
      ? { leaf, index, checkpoint: this.#checkpoint.note }
      : null;
  }

  /** The sequence of the latest join. */
  laneSeq(): number {
    return this.#sql.exec<{ lane_seq: number }>("SELECT lane_seq FROM counter").one().lane_seq;
  }

  /** Writes joins that have no number yet. */
  writeWaiting(joins: readonly WaitingJoin[]): void {
    const last = joins.at(-1);
    if (!last) return;
    this.#sql.exec("UPDATE counter SET lane_seq = ?", last.laneSeq);
    this.waiting.write(joins);
  }

  /**
   * Writes what the sequencer answered to joins that wait, and what proves it, in one statement; former places of theirs
   * are given up. A number that is there stays.
   */
  writeNumbers(numbers: readonly NumberedJoin[], note?: string): void {
    if (numbers.length === 0) return;
    const joins = this.waiting.take(numbers.map(({ laneSeq }) => laneSeq));
    const numbered = numbers.filter(({ laneSeq }) => joins.has(laneSeq));
    if (numbered.length === 0) return;
    const rows = numbered.map(({ laneSeq, number, logged }) => {
      const { arrivedAtMs, binding } = joins.get(laneSeq) ?? {};
      return [binding, laneSeq, arrivedAtMs, number, logged?.index ?? null];
    });
    this.#sql.exec(
      `INSERT INTO place (checkpoint, binding, lane_seq, arrived_at_ms, number, log_index, state)
       SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, 'placed'
       FROM json_each(?) WHERE TRUE
       ON CONFLICT (binding) DO UPDATE
       SET lane_seq = excluded.lane_seq, arrived_at_ms = excluded.arrived_at_ms,
           number = excluded.number, state = 'placed', untold = 0, claimed_at_ms = NULL,
           expires_at_ms = NULL, leaf = NULL, log_index = excluded.log_index,
           checkpoint = excluded.checkpoint
       WHERE excluded.lane_seq > place.lane_seq`,
      note === undefined ? null : this.#writeCheckpoint(note, numbered),
      JSON.stringify(rows),
    );
  }

  #writeCheckpoint(note: string, numbered: readonly NumberedJoin[]): number {
    const leaves = numbered.flatMap(({ logged }) => (logged ? [[logged.index, logged.text]] : []));
    return this.#sql
      .exec<{ id: number }>(
        "INSERT INTO checkpoint (note, leaves) VALUES (?, ?) RETURNING id",
        note,
        JSON.stringify(Object.fromEntries(leaves)),
      )
      .one().id;
  }

  #readCheckpoint(id: number): Checkpoint | null {
    const [row] = this.#sql
      .exec<{ note: string; leaves: string | null }>(
        "SELECT note, leaves FROM checkpoint WHERE id = ?",
        id,
      )
      .toArray();
    if (!row) return null;
    return {
      id,
      note: row.note,
      leaves: JSON.parse(row.leaves ?? "{}") as Checkpoint["leaves"],
    };
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

function toPlace(row: PlaceRow): LanePlace {
  const { leaf, log_index: index, checkpoint } = row;
  return {
    binding: row.binding,
    laneSeq: row.lane_seq,
    arrivedAtMs: row.arrived_at_ms,
    number: row.number,
    state: row.state,
    isUntold: row.untold === 1,
    claimedAtMs: row.claimed_at_ms,
    expiresAtMs: row.expires_at_ms,
    proof: index !== null && checkpoint !== null ? { index, checkpoint, leaf } : null,
  };
}
