import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Statements that leave the database as it is. */
const READS = /^\s*(select|explain|values)\b/i;
/** More than one statement in a text: only migrations are written so. */
const SEVERAL = /;\s*\S/;
/** Transactions are `transactionSync`'s. */
const TRANSACTIONS = /^\s*(begin|commit|end|rollback|savepoint|release)\b/i;

type Row = Record<string, SqlStorageValue>;
/** What Node's SQLite takes and gives: its blobs are `Uint8Array`, those of workerd `ArrayBuffer`. */
type NodeValue = string | number | null | Uint8Array;

/** A statement that is kept, and whether it gives rows: asking it costs more than running it. */
export interface Prepared {
  statement: StatementSync;
  hasRows: boolean;
}

export function prepare(database: DatabaseSync, query: string): Prepared {
  const statement = database.prepare(query);
  return { statement, hasRows: statement.columns().length > 0 };
}

/**
 * `ctx.storage.sql` on a real SQLite. Synchronous as in workerd, so that nothing comes between two
 * statements (developers.cloudflare.com/durable-objects/api/sqlite-storage-api).
 */
export class SimulatedSql {
  readonly #database: DatabaseSync;
  readonly #beforeWrite: () => void;
  readonly #statements = new Map<string, Prepared>();
  /** Writes whose rows were not read to the end: with one of them no commit succeeds. */
  readonly #unread = new Set<object>();

  /** @param beforeWrite called before every statement that may write. */
  constructor(database: DatabaseSync, beforeWrite: () => void) {
    this.#database = database;
    this.#beforeWrite = beforeWrite;
  }

  /** @throws Error without Node's own properties when SQLite refuses the statement. */
  exec<T extends Row>(query: string, ...bindings: SqlStorageValue[]): SimulatedCursor<T> {
    const isRead = READS.test(query);
    if (!isRead) this.#beforeWrite();
    try {
      return this.#run<T>(query, bindings.map(toNode), isRead);
    } catch (error) {
      throw new Error(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  /** @throws Error when the rows of a write were not read to the end. */
  requireAllRead(): void {
    if (this.#unread.size > 0) throw new Error("SQL statements in progress");
  }

  /** Forgets the cursors of an object that went under. */
  forget(): void {
    this.#unread.clear();
  }

  #run<T extends Row>(query: string, values: NodeValue[], isRead: boolean): SimulatedCursor<T> {
    if (values.length === 0 && SEVERAL.test(query)) {
      this.#database.exec(query);
      return new SimulatedCursor<T>([], 0);
    }
    const { statement, hasRows } = this.#prepare(query);
    if (!hasRows) return new SimulatedCursor<T>([], Number(statement.run(...values).changes));
    const rows = statement.all(...values).map(fromNode) as T[];
    if (isRead || rows.length === 0) return new SimulatedCursor<T>(rows, 0);
    const cursor = new SimulatedCursor<T>(rows, rows.length, () => this.#unread.delete(cursor));
    this.#unread.add(cursor);
    return cursor;
  }

  #prepare(query: string): Prepared {
    const known = this.#statements.get(query);
    if (known) return known;
    if (TRANSACTIONS.test(query)) throw new Error("Use transactionSync() for transactions.");
    const prepared = prepare(this.#database, query);
    this.#statements.set(query, prepared);
    return prepared;
  }
}

/** The rows of one statement; each is read once. */
export class SimulatedCursor<T extends Row> implements IterableIterator<T> {
  readonly rowsWritten: number;
  readonly #rows: T[];
  readonly #ended: () => void;
  #next = 0;

  /** @param ended called when the last row was read. */
  constructor(rows: T[], rowsWritten: number, ended: () => void = () => {}) {
    this.rowsWritten = rowsWritten;
    this.#rows = rows;
    this.#ended = ended;
  }

  next(): IteratorResult<T> {
    const value = this.#rows[this.#next];
    if (value === undefined) return { done: true, value: undefined };
    this.#next += 1;
    if (this.#next === this.#rows.length) this.#ended();
    return { done: false, value };
  }

  toArray(): T[] {
    const rest = this.#next === 0 ? this.#rows : this.#rows.slice(this.#next);
    this.#next = this.#rows.length;
    this.#ended();
    return rest;
  }

  /** @throws Error unless there is exactly one row. */
  one(): T {
    const rows = this.toArray();
    const [row] = rows;
    if (row === undefined || rows.length > 1)
      throw new Error(
        `Expected exactly one result from SQL query, but got ${rows.length} results.`,
      );
    return row;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

function toNode(value: SqlStorageValue): NodeValue {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value;
}

function fromNode(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row))
    if (value instanceof Uint8Array) row[name] = value.slice().buffer;
  return row;
}
