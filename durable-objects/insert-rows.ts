/** Values of one statement (developers.cloudflare.com/durable-objects/platform/limits). */
const BOUND_MAX_VALUES = 100;
/** Texts of statements that are kept: those of a table with few kinds of rows, for each number of rows. */
const TEXTS_MAX = 500;

/** How the values of a column are handed over: one for all rows, a first one from which they count on, or each. */
type Given = "same" | "counted" | "each";

/**
 * Inserts rows of as many values as there are `columns`, by as few statements and values as may be: what calls SQLite costs
 * as much as the row itself, and so does each handful of values that are bound. Belongs into a savepoint: of a statement that
 * fails, the rows before stay (`OR FAIL`); to be able to take them back, SQLite would copy every page that each statement changes.
 */
export function insertRows(
  sql: SqlStorage,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlStorageValue[])[],
): void {
  const given = columns.map((_, column) => givenOf(rows, column));
  const apart = columns.flatMap((_, column) => (given[column] === "each" ? [column] : []));
  const together = columns.length - apart.length;
  const most = Math.floor((BOUND_MAX_VALUES - together) / Math.max(apart.length, 1));
  for (let from = 0; from < rows.length; from += most) {
    const some = rows.slice(from, from + most);
    const values: SqlStorageValue[] = [];
    for (const [column, value] of (some[0] ?? []).entries())
      if (given[column] !== "each") values.push(value);
    for (const row of some) for (const column of apart) values.push(row[column] ?? null);
    sql.exec(textOf(table, columns, given, some.length), ...values);
  }
}

function givenOf(rows: readonly (readonly SqlStorageValue[])[], column: number): Given {
  const first = rows[0]?.[column];
  if (rows.every((row) => row[column] === first)) return "same";
  if (typeof first !== "number") return "each";
  return rows.every((row, index) => row[column] === first + index) ? "counted" : "each";
}

/** SQLite's statements are found by their texts: one that is made anew is read through first. */
const texts = new Map<string, string>();

function textOf(
  table: string,
  columns: readonly string[],
  given: readonly Given[],
  rows: number,
): string {
  const key = `${table} ${given.join(" ")} ${rows}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  let bound = given.filter((how) => how !== "each").length;
  const tuples = Array.from({ length: rows }, (_, index) => {
    let shared = 0;
    const values = given.map((how) => {
      if (how === "each") return `?${(bound += 1)}`;
      shared += 1;
      return how === "same" ? `?${shared}` : `?${shared} + ${index}`;
    });
    return `(${values.join(", ")})`;
  });
  const text = `INSERT OR FAIL INTO ${table} (${columns.join(", ")}) VALUES ${tuples.join(", ")}`;
  if (texts.size >= TEXTS_MAX) texts.clear();
  texts.set(key, text);
  return text;
}
