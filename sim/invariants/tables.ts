import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

const statements = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/** Reads rows past the code under test; empty while the tables do not exist yet. */
export function rowsOf<Row>(
  database: DatabaseSync,
  query: string,
  ...values: SQLInputValue[]
): Row[] {
  return (prepare(database, query)?.all(...values) as Row[] | undefined) ?? [];
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

function prepare(database: DatabaseSync, query: string): StatementSync | undefined {
  const known = statements.get(database) ?? new Map<string, StatementSync>();
  statements.set(database, known);
  const cached = known.get(query);
  if (cached) return cached;
  try {
    const statement = database.prepare(query);
    known.set(query, statement);
    return statement;
  } catch (error) {
    // An object whose constructor never became durable has no tables.
    if (error instanceof Error && error.message.includes("no such table")) return undefined;
    throw error;
  }
}
