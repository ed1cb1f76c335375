import type { DatabaseSync } from "node:sqlite";
import type { Query } from "./database.ts";
import { giveBack, takeDatabase } from "./databases.ts";
import { createTables } from "./schema.ts";
import { Statements, type Prepared } from "./statements.ts";

/**
 * A copy of the database that replays its batches, as far as it is told to. It is made when it is first asked: few
 * seeds read from it.
 */
export class Replica {
  readonly #batches: readonly (readonly Query[])[];
  readonly #kind: string;
  #copy: DatabaseSync | null = null;
  #replayed = 0;

  /**
   * @param batches everything that the database has written until now; it grows.
   * @param kind that of the database.
   */
  constructor(batches: readonly (readonly Query[])[], kind: string) {
    this.#batches = batches;
    this.#kind = kind;
  }

  /** Replays what is missing of the first so many batches; how many it has replayed then. */
  catchUp(through: number): number {
    for (; this.#replayed < through; this.#replayed++)
      for (const { sql, params } of this.#batches[this.#replayed] ?? []) {
        const statement = this.prepare(sql);
        if (statement.hasRows) statement.all(params);
        else statement.run(params);
      }
    return this.#replayed;
  }

  prepare(sql: string): Prepared {
    return Statements.of(this.#tables()).prepare(sql);
  }

  close(): void {
    if (this.#copy) giveBack(this.#kind, this.#copy);
    this.#copy = null;
  }

  #tables(): DatabaseSync {
    if (this.#copy) return this.#copy;
    this.#copy = takeDatabase(this.#kind, createTables);
    // A batch may be a migration.
    Statements.of(this.#copy).change();
    return this.#copy;
  }
}
