import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Kernel } from "../kernel/kernel.ts";
import { infrastructureError, type Caller, type Network } from "./network.ts";
import { prepare, type Prepared } from "./sql-storage.ts";

const MIGRATIONS = join(import.meta.dirname, "../../d1/migrations");
/** While the database is down it answers nobody for up to this long. */
const DOWN_MAX_US = 10_000_000;

interface Query {
  sql: string;
  params: SQLInputValue[];
}

/** D1: one SQLite behind the network, with the project's own migrations; a batch is a transaction. */
export class SimulatedDatabase {
  readonly database = new DatabaseSync(":memory:");
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #statements = new Map<string, Prepared>();
  #downUntilUs = 0;

  constructor(kernel: Kernel, network: Network) {
    this.#kernel = kernel;
    this.#network = network;
    for (const migration of migrations()) this.database.exec(migration);
  }

  /** The binding as one caller has it. */
  bind(caller: Caller): D1Database {
    const statement = (sql: string, params: SQLInputValue[]): object => {
      const query = { sql, params };
      const result = () => this.#run(caller, [query]).then(([first]) => first);
      return {
        query,
        bind: (...given: SQLInputValue[]) => statement(sql, given),
        run: result,
        all: result,
        raw: async () => (await result())?.results.map((row) => Object.values(row)),
      };
    };
    return {
      prepare: (sql: string) => statement(sql, []),
      batch: (statements: { query: Query }[]) =>
        this.#run(
          caller,
          statements.map(({ query }) => query),
        ),
    } as unknown as D1Database;
  }

  async #run(caller: Caller, queries: Query[]): Promise<{ results: Record<string, unknown>[] }[]> {
    const answer = await this.#network.exchange(caller, "database", "database", (reply) => {
      if (this.#isDown())
        return reply({ ok: false, error: infrastructureError("D1_ERROR: internal error") });
      reply({ ok: true, value: this.#apply(queries) });
    });
    return answer as { results: Record<string, unknown>[] }[];
  }

  #isDown(): boolean {
    const { scheduler, faults, dice } = this.#kernel;
    if (faults.happens("database.down"))
      this.#downUntilUs = scheduler.nowUs + dice.int(0, DOWN_MAX_US);
    return scheduler.nowUs < this.#downUntilUs;
  }

  #apply(queries: Query[]): { success: true; results: unknown[]; meta: object }[] {
    this.database.exec("BEGIN");
    try {
      const results = queries.map(({ sql, params }) => {
        const { statement, hasRows } = this.#prepare(sql);
        const rows = hasRows ? statement.all(...params) : [];
        const changes = hasRows ? rows.length : Number(statement.run(...params).changes);
        return { success: true as const, results: rows, meta: { changes } };
      });
      this.database.exec("COMMIT");
      return results;
    } catch (error) {
      this.database.exec("ROLLBACK");
      throw error;
    }
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known) return known;
    const prepared = prepare(this.database, sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

let read: string[] | null = null;

function migrations(): string[] {
  read ??= readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => readFileSync(join(MIGRATIONS, name), "utf8"));
  return read;
}
