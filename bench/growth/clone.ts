/** Stands in a template's texts for what is different in every copy. */
export const MARK = "@0000000";

/** Copies of one go: a transaction of some ten megabytes. */
const COPIES_MAX = 20_000;

export interface CloneOptions {
  table: string;
  /** Which rows are copied: a condition on `t`. */
  where: string;
  count: number;
  /** Columns that are not the template's own: SQL over the template `t` and the copy's number `n.i`, from 1. */
  columns?: Record<string, string>;
}

/**
 * Copies rows that the product wrote, so that a table of a million has rows like any other. `MARK` in a
 * text becomes the number of the copy; everything else stays but for `columns`.
 */
export async function cloneRows(
  storage: DurableObjectStorage,
  { table, where, count, columns = {} }: CloneOptions,
): Promise<void> {
  const { sql } = storage;
  const { columnNames } = sql.exec(`SELECT * FROM ${table} LIMIT 0`);
  const values = columnNames.map(
    (column) =>
      columns[column] ??
      `CASE typeof(t.${column}) WHEN 'text'
         THEN replace(t.${column}, '${MARK}', printf('@%07d', n.i)) ELSE t.${column} END`,
  );
  // In the order of the copies: a table grows at its end, as it does in a sale.
  sql.exec(`CREATE TABLE template AS SELECT * FROM ${table} AS t WHERE ${where}`);
  for (let from = 1; from <= count; from += COPIES_MAX) {
    sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT CAST(?1 AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO ${table} (${columnNames.join(", ")})
       SELECT ${values.join(", ")} FROM n CROSS JOIN template AS t`,
      from,
      Math.min(count, from + COPIES_MAX - 1),
    );
    await storage.sync();
  }
  sql.exec("DROP TABLE template");
}
