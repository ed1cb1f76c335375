import { sql, type SQL } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";

/** The database through Drizzle. */
export function database(env: Pick<PurchaseEnv, "DB">): DrizzleD1Database {
  return drizzle(env.DB);
}

/**
 * The fields of JSON objects as rows, in the order of a table's columns: as one parameter, since D1 takes at most
 * 100 a statement.
 */
export function rowsOf(objects: unknown[], paths: readonly string[]): SQL {
  const fields = sql.raw(paths.map((path) => `value ->> '$.${path}'`).join(", "));
  // "WHERE true" keeps SQLite from reading the conflict clause as part of a join.
  return sql`SELECT ${fields} FROM json_each(${JSON.stringify(objects)}) WHERE true`;
}
