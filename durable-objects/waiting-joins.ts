/** A join that has no number yet. */
export interface WaitingJoin {
  binding: string;
  laneSeq: number;
  arrivedAtMs: number;
}

/** Its table, for the migrations of the object that keeps it. */
export const WAITING_TABLE = `CREATE TABLE waiting (
     last_seq INTEGER PRIMARY KEY,
     joins TEXT NOT NULL
   ) STRICT;`;

/** How a join stands in its row. */
type Packed = [laneSeq: number, arrivedAtMs: number, binding: string];

interface Row extends Record<string, SqlStorageValue> {
  last_seq: number;
  joins: string;
}

/**
 * A lane's joins that wait for their numbers. Those that are stored together are one row, which is taken out when all
 * of them have numbers: a few rows, unless the sequencer is away, and a look goes through them once a batch.
 */
export class WaitingJoins {
  readonly #sql: SqlStorage;

  /** Of tables that are up to date. */
  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Writes joins, whose sequences follow each other and all that were written before. */
  write(joins: readonly WaitingJoin[]): void {
    const last = joins.at(-1);
    if (last)
      this.#sql.exec(
        "INSERT INTO waiting (last_seq, joins) VALUES (?, ?)",
        last.laneSeq,
        packed(joins),
      );
  }

  /** Joins, oldest first: their answer is on its way, or was lost with the object. */
  oldest(limit: number): WaitingJoin[] {
    const query = "SELECT * FROM waiting ORDER BY last_seq LIMIT +?";
    return this.#rows(query, limit).flatMap(unpack).slice(0, limit);
  }

  /** The joins of those of these shoppers who wait, by binding. */
  of(bindings: Iterable<string>): Map<string, WaitingJoin> {
    const asked = new Set(bindings);
    const joins = this.#rows("SELECT * FROM waiting ORDER BY last_seq").flatMap(unpack);
    return new Map(
      joins.flatMap((join) => (asked.has(join.binding) ? [[join.binding, join]] : [])),
    );
  }

  has(binding: string): boolean {
    return this.of([binding]).size > 0;
  }

  /** Takes these joins out, by sequence; those that do not wait any more are missing. */
  take(laneSeqs: Iterable<number>): Map<number, WaitingJoin> {
    const wanted = new Set(laneSeqs);
    const taken = new Map<number, WaitingJoin>();
    for (const row of this.#rows(
      "SELECT * FROM waiting WHERE last_seq >= ? ORDER BY last_seq",
      Math.min(...wanted),
    )) {
      const joins = unpack(row);
      const left = joins.filter(({ laneSeq }) => !wanted.has(laneSeq));
      if (left.length === joins.length) continue;
      for (const join of joins) if (wanted.has(join.laneSeq)) taken.set(join.laneSeq, join);
      this.#keep(row.last_seq, left);
      if (taken.size === wanted.size) break;
    }
    return taken;
  }

  /** Leaves of a row what still waits. */
  #keep(lastSeq: number, left: readonly WaitingJoin[]): void {
    if (left.length > 0)
      this.#sql.exec("UPDATE waiting SET joins = ? WHERE last_seq = ?", packed(left), lastSeq);
    else this.#sql.exec("DELETE FROM waiting WHERE last_seq = ?", lastSeq);
  }

  #rows(query: string, ...bound: number[]): Row[] {
    return this.#sql.exec<Row>(query, ...bound).toArray();
  }
}

function packed(joins: readonly WaitingJoin[]): string {
  return JSON.stringify(
    joins.map(({ laneSeq, arrivedAtMs, binding }): Packed => [laneSeq, arrivedAtMs, binding]),
  );
}

function unpack({ joins }: Row): WaitingJoin[] {
  return (JSON.parse(joins) as Packed[]).map(([laneSeq, arrivedAtMs, binding]) => ({
    laneSeq,
    arrivedAtMs,
    binding,
  }));
}
