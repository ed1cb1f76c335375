import type { DatabaseSync } from "node:sqlite";
import { Statements, type Prepared, type Row as AnyRow } from "./statements.ts";

/** Statements that leave the database as it is. */
const READS = /^\s*(select|explain|values)\b/i;
/** More than one statement in a text: only migrations are written so. */
const SEVERAL = /;\s*\S/;
/** Transactions are `transactionSync`'s. */
const TRANSACTIONS = /^\s*(begin|commit|end|rollback|savepoint|release)\b/i;

type Row = Record<string, SqlStorageValue>;
/** What Node's SQLite takes and gives: its blobs are `Uint8Array`, those of workerd `ArrayBuffer`. */
type NodeValue = string | number | null | Uint8Array;

/** A text that the code under test runs: what it is, and its statement once it was compiled. */
interface Query {
  readonly isRead: boolean;
  readonly isSeveral: boolean;
  statement: Prepared | null;
  /** The rows that were frozen last. */
  frozen: readonly AnyRow[] | null;
}

/**
 * `ctx.storage.sql` on a real SQLite. Synchronous as in workerd, so that nothing comes between two
 * statements (developers.cloudflare.com/durable-objects/api/sqlite-storage-api).
 */
export class SimulatedSql {
  readonly #beforeWrite: () => void;
  readonly #statements: Statements;
  readonly #queries = new Map<string, Query>();
  /** Writes whose rows were not read to the end: with one of them no commit succeeds. */
  readonly #unread = new Set<object>();

  /** @param beforeWrite called before every statement that may write. */
  constructor(database: DatabaseSync, beforeWrite: () => void) {
    this.#statements = Statements.of(database);
    this.#beforeWrite = beforeWrite;
  }

  /** @throws Error without Node's own properties when SQLite refuses the statement. */
  exec<T extends Row>(text: string, ...bindings: SqlStorageValue[]): SimulatedCursor<T> {
    const query = this.#queries.get(text) ?? this.#judge(text);
    if (!query.isRead) this.#beforeWrite();
    try {
      return this.#run<T>(text, query, bindings.map(toNode));
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

  #run<T extends Row>(text: string, query: Query, values: NodeValue[]): SimulatedCursor<T> {
    if (values.length === 0 && query.isSeveral) {
      this.#statements.exec(text);
      return new SimulatedCursor<T>([], 0);
    }
    const statement = (query.statement ??= this.#compile(text));
    if (!statement.hasRows) return new SimulatedCursor<T>([], statement.run(values));
    const rows = rowsOf(query, statement, statement.all(values)) as readonly T[];
    if (query.isRead || rows.length === 0) return new SimulatedCursor<T>(rows, 0);
    const cursor = new SimulatedCursor<T>(rows, rows.length, () => this.#unread.delete(cursor));
    this.#unread.add(cursor);
    return cursor;
  }

  #judge(text: string): Query {
    const query: Query = {
      isRead: READS.test(text),
      isSeveral: SEVERAL.test(text),
      statement: null,
      frozen: null,
    };
    this.#queries.set(text, query);
    return query;
  }

  #compile(text: string): Prepared {
    if (TRANSACTIONS.test(text)) throw new Error("Use transactionSync() for transactions.");
    return this.#statements.prepare(text);
  }
}

/** The rows of one statement; each is read once. */
export class SimulatedCursor<T extends Row> implements IterableIterator<T> {
  readonly rowsWritten: number;
  readonly #rows: readonly T[];
  readonly #ended: (() => void) | null;
  #next = 0;

  /** @param ended called when the last row was read. */
  constructor(rows: readonly T[], rowsWritten: number, ended: (() => void) | null = null) {
    this.rowsWritten = rowsWritten;
    this.#rows = rows;
    this.#ended = ended;
  }

  next(): IteratorResult<T> {
    const value = this.#rows[this.#next];
    if (value === undefined) return { done: true, value: undefined };
    this.#next += 1;
    if (this.#next === this.#rows.length) this.#ended?.();
    return { done: false, value };
  }

  toArray(): T[] {
    const rest = this.#rows.slice(this.#next);
    this.#next = this.#rows.length;
    this.#ended?.();
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

/** Frozen, since the next who asks may get the same ones; rows with blobs are copied for everybody. */
function rowsOf(query: Query, statement: Prepared, raw: readonly AnyRow[]): readonly AnyRow[] {
  if (raw.length === 0) return raw;
  if (statement.gaveBlobs) return raw.map(withBuffers);
  if (query.frozen !== raw) for (const row of raw) Object.freeze(row);
  query.frozen = raw;
  return raw;
}

function withBuffers(row: AnyRow): AnyRow {
  const copy = { ...row };
  for (const [name, value] of Object.entries(copy))
    if (value instanceof Uint8Array) copy[name] = value.slice().buffer;
  return copy;
}
