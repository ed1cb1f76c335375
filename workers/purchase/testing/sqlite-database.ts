import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

const MIGRATIONS = join(import.meta.dirname, "../../../d1/migrations");

interface Query {
  sql: string;
  params: SQLInputValue[];
}

/** D1's binding over a SQLite in this process, with the project's own tables; a batch is a transaction. */
export class SqliteDatabase {
  readonly sqlite = new DatabaseSync(":memory:");
  /** How often it was asked; a batch counts once. */
  asked = 0;
  /** May refuse a statement, as a database that is down or a row that cannot be written would. */
  refuse: (query: Query) => string | null = () => null;

  constructor() {
    for (const name of readdirSync(MIGRATIONS).sort())
      if (name.endsWith(".sql")) this.sqlite.exec(readFileSync(join(MIGRATIONS, name), "utf8"));
  }

  get binding(): D1Database {
    const statement = (sql: string, params: SQLInputValue[]): object => {
      const run = () => Promise.resolve([{ sql, params }]).then((queries) => this.#run(queries)[0]);
      return {
        query: { sql, params },
        bind: (...given: SQLInputValue[]) => statement(sql, given),
        run,
        all: run,
        first: async () => (await run())?.results[0] ?? null,
        raw: async () => (await run())?.results.map((row) => Object.values(row)),
      };
    };
    return {
      prepare: (sql: string) => statement(sql, []),
      batch: async (statements: { query: Query }[]) =>
        this.#run(await Promise.resolve(statements.map(({ query }) => query))),
    } as unknown as D1Database;
  }

  /** The rows of a table, in the order of its key. */
  rows(table: string): Record<string, unknown>[] {
    return this.sqlite.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`).all();
  }

  #run(queries: Query[]): { results: Record<string, unknown>[]; meta: { changes: number } }[] {
    this.asked += 1;
    this.sqlite.exec("BEGIN");
    try {
      const answers = queries.map((query) => {
        const refusal = this.refuse(query);
        if (refusal !== null) throw new Error(`D1_ERROR: ${refusal}`);
        const statement = this.sqlite.prepare(query.sql);
        if (statement.columns().length > 0)
          return { success: true, results: statement.all(...query.params), meta: { changes: 0 } };
        const changes = Number(statement.run(...query.params).changes);
        return { success: true, results: [], meta: { changes } };
      });
      this.sqlite.exec("COMMIT");
      return answers;
    } catch (error) {
      this.sqlite.exec("ROLLBACK");
      throw error;
    }
  }
}
