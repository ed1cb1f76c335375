import { DatabaseSync } from "node:sqlite";
import type { Query } from "./database.ts";
import { createTables } from "./schema.ts";
import { prepare, type Prepared } from "./sql-storage.ts";

/**
 * A copy of the database that replays its batches, as far as it is told to. It is made when it is first asked: few
 * seeds read from it.
 */
export class Replica {
  readonly #batches: readonly (readonly Query[])[];
  readonly #statements = new Map<string, Prepared>();
  #copy: DatabaseSync | null = null;
  #replayed = 0;

  /** @param batches everything that the database has written until now; it grows. */
  constructor(batches: readonly (readonly Query[])[]) {
    this.#batches = batches;
  }

  /** Replays what is missing of the first so many batches; how many it has replayed then. */
  catchUp(through: number): number {
    for (; this.#replayed < through; this.#replayed++)
      for (const { sql, params } of this.#batches[this.#replayed] ?? []) {
        const { statement, hasRows } = this.prepare(sql);
        if (hasRows) statement.all(...params);
        else statement.run(...params);
      }
    return this.#replayed;
  }

  prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known) return known;
    const prepared = prepare(this.#tables(), sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }

  close(): void {
    this.#copy?.close();
  }

  #tables(): DatabaseSync {
    if (this.#copy) return this.#copy;
    this.#copy = new DatabaseSync(":memory:");
    createTables(this.#copy);
    return this.#copy;
  }
}
