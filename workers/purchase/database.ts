import { fillPlaceholders, getTableColumns, sql, type Placeholder, type SQL } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { SQLitePreparedQuery, type SQLiteColumn, type SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Page } from "./page.ts";

/*
 * Drizzle words the error of a failed statement with all its parameters: shoppers, addresses of e-mail, the texts
 * of a hundred messages, and errors end in logs. D1's own error names tables and columns and no value, so it is
 * thrown as it is. Drizzle has no setting for it; the test of this file tells when a version does it elsewhere.
 */
Reflect.set(
  SQLitePreparedQuery.prototype,
  "queryWithCache",
  <Answer>(_statement: string, _parameters: unknown[], run: () => Promise<Answer>) => run(),
);

/** The database through Drizzle. */
export function database(env: Pick<PurchaseEnv, "DB">): DrizzleD1Database {
  return drizzle(env.DB);
}

/** Drizzle without a database: it words statements, and runs none. */
export const words = drizzle({} as D1Database);

/** A statement that is worded once, with placeholders for its values: Drizzle takes longer to word one than D1 to run it. */
export class Wording {
  readonly #text: string;
  readonly #params: unknown[];

  constructor(query: { toSQL(): { sql: string; params: unknown[] } }) {
    const { sql: text, params } = query.toSQL();
    this.#text = text;
    this.#params = params;
  }

  /** The statement with these values, by the names of its placeholders. */
  with(db: D1Database, values: Record<string, unknown>): D1PreparedStatement {
    return db.prepare(this.#text).bind(...fillPlaceholders(this.#params, values));
  }
}

/** A read of whole rows of a table that is worded once: `words.select().from(table)`, with placeholders. */
export class WordedRead<Table extends SQLiteTable> {
  readonly #wording: Wording;
  readonly #columns: [field: string, column: SQLiteColumn][];

  constructor(table: Table, query: { toSQL(): { sql: string; params: unknown[] } }) {
    this.#wording = new Wording(query);
    this.#columns = Object.entries(getTableColumns(table));
  }

  /** The rows for these values, by the names of its placeholders. */
  async rows(db: D1Database, values: Record<string, unknown>): Promise<Table["$inferSelect"][]> {
    const found = await this.#wording.with(db, values).raw();
    return found.map((row) => this.#named(row));
  }

  #named(values: readonly unknown[]): Table["$inferSelect"] {
    const row: Record<string, unknown> = {};
    for (const [index, [field, column]] of this.#columns.entries()) {
      const value = values[index];
      row[field] = value === null ? null : column.mapFromDriverValue(value);
    }
    return row;
  }
}

/** What a bookmark of D1 looks like; anything else that a client brings is left alone. */
const BOOKMARK = /^[0-9a-f-]{1,128}$/i;

/** Where a session may begin to read: at any replica, or at the primary. */
export type SessionStart = "first-unconstrained" | "first-primary";

/** Bindings whose database reads in one session, and how far that has read. */
export interface ReadSession {
  env: PurchaseEnv;
  /** To be brought by who must not see less after this. */
  bookmark(): string | null;
}

/**
 * A session of reads: it may ask a replica, but none that is behind `bookmark`; without one it begins as `start`
 * says.
 */
export function readSession(
  env: PurchaseEnv,
  bookmark: string | null = null,
  start: SessionStart = "first-unconstrained",
): ReadSession {
  const from = bookmark !== null && BOOKMARK.test(bookmark) ? bookmark : start;
  const session = env.DB.withSession(from);
  return {
    env: { ...env, DB: session as unknown as D1Database },
    bookmark: () => session.getBookmark(),
  };
}

/** A page of a list, read in one session. */
export async function readPage<Row>(
  env: PurchaseEnv,
  bookmark: string | null | undefined,
  read: (env: PurchaseEnv) => Promise<Page<Row>>,
): Promise<Page<Row>> {
  const session = readSession(env, bookmark);
  const page = await read(session.env);
  return { ...page, bookmark: session.bookmark() };
}

/**
 * The fields of JSON objects as rows, in the order of a table's columns: as one parameter, since D1 takes at most
 * 100 a statement. A placeholder's value is their JSON.
 */
export function rowsOf(objects: unknown[] | Placeholder, paths: readonly string[]): SQL {
  const json = Array.isArray(objects) ? JSON.stringify(objects) : objects;
  const fields = sql.raw(paths.map((path) => `value ->> '$.${path}'`).join(", "));
  // The limit keeps SQLite from making a row's text anew for each of its fields. "WHERE true" keeps it from reading the
  // conflict clause as part of a join.
  return sql`SELECT ${fields} FROM (SELECT value FROM json_each(${json}) LIMIT -1) WHERE true`;
}
