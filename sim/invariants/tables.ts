import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { Statements } from "../platform/statements.ts";

/** Reads rows past the code under test, not to be changed; empty while the tables do not exist yet. */
export function rowsOf<Row>(
  database: DatabaseSync,
  query: string,
  ...values: SQLInputValue[]
): Row[] {
  try {
    return Statements.of(database).prepare(query).all(values) as Row[];
  } catch (error) {
    // An object whose constructor never became durable has no tables.
    if (error instanceof Error && error.message.includes("no such table")) return [];
    throw error;
  }
}

/** The first row, if there is one. Callers say what they selected. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as `rowsOf` beside it
export function rowOf<Row>(
  database: DatabaseSync,
  query: string,
  ...values: SQLInputValue[]
): Row | undefined {
  return rowsOf<Row>(database, query, ...values)[0];
}

/** Writes past the code under test. */
export function write(database: DatabaseSync, query: string, ...values: SQLInputValue[]): void {
  Statements.of(database).prepare(query).run(values);
}
