import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { bindings, uniqueName } from "../test/system/support/objects.ts";
import { insertRows } from "./insert-rows.ts";

const COLUMNS = ["id", "name", "kind", "units", "rest"];
type Row = (string | number | null)[];

/** What a table has after these rows were inserted, and how many statements that took. */
function inserted(rows: readonly Row[]): Promise<{ rows: Row[]; statements: number }> {
  const object = bindings.SKU.getByName(uniqueName("inserted"));
  return runInDurableObject(object, (_, { storage: { sql } }) => {
    sql.exec(`CREATE TABLE row_of (id INTEGER PRIMARY KEY, name TEXT, kind TEXT NOT NULL,
      units INTEGER NOT NULL, rest TEXT) STRICT`);
    let statements = 0;
    const counting = {
      exec: (text: string, ...values: SqlStorageValue[]) => {
        statements += 1;
        return sql.exec(text, ...values);
      },
    };
    insertRows(counting as SqlStorage, "row_of", COLUMNS, rows);
    const kept = [...sql.exec("SELECT * FROM row_of ORDER BY id").raw()];
    return { rows: kept as Row[], statements };
  });
}

function rowsOf(count: number, rowOf: (index: number) => Row): Row[] {
  return Array.from({ length: count }, (_, index) => rowOf(index));
}

describe("rows that are inserted together", () => {
  it.each<[string, Row[], number]>([
    ["none", [], 0],
    ["one", [[7, "ada", "new", 1, null]], 1],
    ["ids that count on, all else the same", rowsOf(150, (i) => [7 + i, "ada", "new", 1, null]), 2],
    ["one column of their own", rowsOf(200, (i) => [7 + i, `n${i}`, "new", 1, null]), 3],
    ["ids with a gap", rowsOf(60, (i) => [i < 30 ? i : i + 1, `n${i}`, "new", 1, null]), 2],
    ["another value in the last", rowsOf(40, (i) => [i, `n${i}`, "new", i < 39 ? 1 : 2, null]), 1],
    ["a value here and there", rowsOf(40, (i) => [i, "ada", "new", 1, i % 3 ? null : `r${i}`]), 1],
    ["all columns their own", rowsOf(41, (i) => [2 * i, `n${i}`, `k${i}`, i % 7, `r${i}`]), 3],
  ])("are what was given: %s", async (_, rows, statements) => {
    expect(await inserted(rows)).toEqual({ rows, statements });
  });
});
