import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Statements that leave the database as it is. */
const READS = /^\s*(select|explain|values)\b/i;
/** More than one statement in a text: only migrations are written so. */
const SEVERAL = /;\s*\S/;

type Row = Record<string, SqlStorageValue>;

/**
 * `ctx.storage.sql` on a real SQLite. Synchronous as in workerd, so that nothing comes between two
 * statements (developers.cloudflare.com/durable-objects/api/sqlite-storage-api).
 */
export class SimulatedSql {
  readonly #database: DatabaseSync;
  readonly #beforeWrite: () => void;
  readonly #statements = new Map<string, StatementSync>();

  /** @param beforeWrite called before every statement that may write. */
  constructor(database: DatabaseSync, beforeWrite: () => void) {
    this.#database = database;
    this.#beforeWrite = beforeWrite;
  }

  exec<T extends Row>(query: string, ...bindings: SqlStorageValue[]): SimulatedCursor<T> {
    if (!READS.test(query)) this.#beforeWrite();
    if (bindings.length === 0 && SEVERAL.test(query)) {
      this.#database.exec(query);
      return new SimulatedCursor<T>([], 0);
    }
    const statement = this.#prepare(query);
    const values = bindings as (string | number | null)[];
    if (statement.columns().length === 0)
      return new SimulatedCursor<T>([], Number(statement.run(...values).changes));
    const rows = statement.all(...values) as T[];
    return new SimulatedCursor<T>(rows, READS.test(query) ? 0 : rows.length);
  }

  #prepare(query: string): StatementSync {
    const known = this.#statements.get(query);
    if (known) return known;
    const statement = this.#database.prepare(query);
    this.#statements.set(query, statement);
    return statement;
  }
}

/** The rows of one statement. */
export class SimulatedCursor<T extends Row> implements Iterable<T> {
  readonly rowsWritten: number;
  readonly #rows: T[];

  constructor(rows: T[], rowsWritten: number) {
    this.#rows = rows;
    this.rowsWritten = rowsWritten;
  }

  toArray(): T[] {
    return this.#rows;
  }

  /** @throws Error unless there is exactly one row. */
  one(): T {
    const [row] = this.#rows;
    if (row === undefined || this.#rows.length > 1)
      throw new Error(
        `Expected exactly one result from SQL query, but got ${this.#rows.length} results.`,
      );
    return row;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#rows[Symbol.iterator]();
  }
}
