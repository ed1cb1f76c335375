/** Values of one statement (developers.cloudflare.com/durable-objects/platform/limits). */
const BOUND_MAX_VALUES = 100;

/**
 * Inserts rows of as many values as there are `columns`, by as few statements as may be: what calls SQLite costs as much
 * as the row itself. Belongs into a savepoint: of a statement that fails, the rows before stay (`OR FAIL`); to be able to
 * take them back, SQLite would copy every page that each statement changes.
 */
export function insertRows(
  sql: SqlStorage,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlStorageValue[])[],
): void {
  const most = Math.floor(BOUND_MAX_VALUES / columns.length);
  const row = `(${columns.map(() => "?").join(", ")})`;
  for (let from = 0; from < rows.length; from += most) {
    const some = rows.slice(from, from + most);
    const values = some.map(() => row).join(", ");
    sql.exec(
      `INSERT OR FAIL INTO ${table} (${columns.join(", ")}) VALUES ${values}`,
      ...some.flat(),
    );
  }
}
