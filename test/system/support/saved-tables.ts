import { bindings } from "./objects.ts";

const { DB } = bindings;

/** What a reconciliation compares. */
const TABLES = [
  "orders",
  "payment",
  "stock_level",
  "ledger_event",
  "message",
  "notification",
  "sandbox_payment",
  "sandbox_booking",
] as const;

/** The rows of the books as they were at one moment, to be put back after a test has spoilt them. */
export class SavedTables {
  readonly #rows = new Map<string, Record<string, unknown>[]>();

  async remember(): Promise<void> {
    for (const table of TABLES)
      this.#rows.set(table, (await DB.prepare(`SELECT * FROM ${table}`).all()).results);
  }

  async restore(): Promise<void> {
    const inserts = TABLES.flatMap((table) =>
      (this.#rows.get(table) ?? []).map((row) => {
        const marks = Object.keys(row).map(() => "?");
        const insert = DB.prepare(`INSERT INTO ${table} VALUES (${marks.join(", ")})`);
        return insert.bind(...Object.values(row));
      }),
    );
    await DB.batch([...TABLES.map((table) => DB.prepare(`DELETE FROM ${table}`)), ...inserts]);
  }
}
