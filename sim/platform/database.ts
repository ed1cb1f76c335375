import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { giveBack, takeDatabase } from "./databases.ts";
import { infrastructureError, type Caller, type Network, type Settled } from "./network.ts";
import { Replica } from "./replica.ts";
import { createTables, KIND } from "./schema.ts";
import { Statements, type Prepared, type Row } from "./statements.ts";

/** While the database is down it answers nobody for up to this long. */
const DOWN_MAX_US = 10_000_000;
/** A slow one does what it is asked this late at most, and may say so as late again. */
const SLOW_MAX_US = 5_000_000;
/** As many copies of it there are: who asks the one after the other may see less than before. */
const REPLICAS = 2;
/** The code of a statement that the tables refuse (sqlite.org/rescode.html). */
const SQLITE_CONSTRAINT = 19;
/** Statements that a replica may answer. */
const READS = /^\s*(select|with)\b/i;

/** One statement with its values. */
export interface Query {
  sql: string;
  params: SQLInputValue[];
}

type Rows = { results: Record<string, unknown>[] }[];
type Run = (queries: Query[]) => Promise<Rows>;

/**
 * D1: one SQLite behind the network, with the project's own migrations; a batch is a transaction. Sessions read
 * from replicas that may be behind, but never behind what their bookmark names.
 */
export class SimulatedDatabase {
  readonly database: DatabaseSync;
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #slowDice: Dice;
  readonly #replicaDice: Dice;
  readonly #statements: Statements;
  readonly #kind: string;
  /** Every batch that wrote, for the replicas. */
  readonly #batches: (readonly Query[])[] = [];
  readonly #replicas: readonly Replica[];
  #downUntilUs = 0;

  /** @param kind what it is to those who use it again. */
  constructor(kernel: Kernel, network: Network, kind = KIND) {
    this.#kind = kind;
    this.database = takeDatabase(kind, createTables);
    this.#statements = Statements.of(this.database);
    this.#kernel = kernel;
    this.#network = network;
    this.#slowDice = kernel.dice.fork("database");
    this.#replicaDice = kernel.dice.fork("replicas");
    const replicas = kernel.faults.has("replica.behind") ? REPLICAS : 0;
    this.#replicas = Array.from({ length: replicas }, () => new Replica(this.#batches, kind));
  }

  /** The binding as one caller has it. */
  bind(caller: Caller): D1Database {
    return {
      ...binding((queries) => this.#run(caller, () => this.#apply(queries))),
      withSession: (from?: string) => this.#session(caller, from),
    } as unknown as D1Database;
  }

  /** Answers nobody for this long from now on. */
  fail(forUs: number): void {
    this.#downUntilUs = Math.max(this.#downUntilUs, this.#kernel.scheduler.nowUs + forUs);
    this.#kernel.note(`the database is out for ${Math.round(forUs / 1000)} ms`);
  }

  /** Runs statements of somebody who migrates it: all or none, whoever else is at work. */
  migrate(statements: readonly string[]): void {
    this.#statements.change();
    this.#apply(statements.map((sql) => ({ sql, params: [] })));
  }

  /** Gives back what other sales may use. */
  close(): void {
    giveBack(this.#kind, this.database);
    for (const replica of this.#replicas) replica.close();
  }

  /** @param from `first-unconstrained`, `first-primary`, or the bookmark of an earlier session. */
  #session(caller: Caller, from = "first-unconstrained"): object {
    let isFirstOfPrimary = from === "first-primary";
    let bookmark = from.startsWith("first-") ? null : from;
    const run: Run = (queries) => {
      const seenThrough = bookmark === null ? 0 : Number(bookmark);
      let readThrough = seenThrough;
      const isRead = !isFirstOfPrimary && queries.every(({ sql }) => READS.test(sql));
      isFirstOfPrimary = false;
      const answer = this.#run(caller, () => {
        const { faults } = this.#kernel;
        const replica = this.#replicas[this.#replicaDice.int(0, REPLICAS - 1)];
        if (!isRead || !replica) {
          const results = this.#apply(queries);
          readThrough = this.#batches.length;
          return results;
        }
        const isBehind = faults.happens("replica.behind");
        readThrough = replica.catchUp(isBehind ? seenThrough : this.#batches.length);
        return runAll(queries, (sql) => replica.prepare(sql));
      });
      return answer.then((results) => {
        bookmark = String(Math.max(Number(bookmark ?? 0), readThrough));
        return results;
      });
    };
    return { ...binding(run), getBookmark: () => bookmark };
  }

  async #run(caller: Caller, apply: () => Rows): Promise<Rows> {
    const answer = await this.#network.exchange(caller, "database", "database", (reply) => {
      this.#late(() => {
        const settled = this.#serve(apply);
        this.#late(() => reply(settled));
      });
    });
    return answer as Rows;
  }

  #serve(apply: () => Rows): Settled {
    if (this.#isDown())
      return { ok: false, error: infrastructureError("D1_ERROR: internal error") };
    if (this.#kernel.faults.happens("database.busy"))
      return {
        ok: false,
        error: infrastructureError("D1_ERROR: database is locked: SQLITE_BUSY"),
      };
    try {
      return { ok: true, value: apply() };
    } catch (error) {
      if (!isRefused(error)) throw error;
      return { ok: false, error: new Error(`D1_ERROR: ${error.message}: SQLITE_CONSTRAINT`) };
    }
  }

  #late(run: () => void): void {
    const { scheduler, faults } = this.#kernel;
    if (!faults.happens("database.slow")) return run();
    scheduler.schedule(this.#slowDice.int(0, SLOW_MAX_US), run);
  }

  #isDown(): boolean {
    const { scheduler, faults, dice } = this.#kernel;
    if (faults.happens("database.down"))
      this.#downUntilUs = Math.max(this.#downUntilUs, scheduler.nowUs + dice.int(0, DOWN_MAX_US));
    return scheduler.nowUs < this.#downUntilUs;
  }

  #apply(queries: Query[]): Rows {
    if (queries.every(({ sql }) => READS.test(sql))) return this.#runAll(queries);
    this.#statements.prepare("SAVEPOINT batch").run([]);
    try {
      const results = this.#runAll(queries);
      this.#statements.prepare("RELEASE batch").run([]);
      if (this.#replicas.length > 0) this.#batches.push(queries);
      return results;
    } catch (error) {
      this.#statements.prepare("ROLLBACK TO batch").run([]);
      this.#statements.prepare("RELEASE batch").run([]);
      throw error;
    }
  }

  #runAll(queries: readonly Query[]): Rows {
    return runAll(queries, (sql) => this.#statements.prepare(sql));
  }
}

/** Whether the tables refuse what they were to hold: whoever asked is told. Any other error is a mistake. */
function isRefused(error: unknown): error is Error {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  // An extended code has the plain one in its lowest byte.
  return (code & 0xff) === SQLITE_CONSTRAINT;
}

/** What D1's binding and its sessions have in common. */
function binding(run: Run): object {
  const statement = (sql: string, params: SQLInputValue[]): object => {
    const query = { sql, params };
    const result = () => run([query]).then(([first]) => first);
    return {
      query,
      bind: (...given: SQLInputValue[]) => statement(sql, given),
      run: result,
      all: result,
      first: async () => (await result())?.results[0] ?? null,
      raw: async () => (await result())?.results.map((row) => Object.values(row)),
    };
  };
  return {
    prepare: (sql: string) => statement(sql, []),
    batch: (statements: { query: Query }[]) => run(statements.map(({ query }) => query)),
  };
}

function runAll(queries: readonly Query[], prepared: (sql: string) => Prepared): Rows {
  return queries.map(({ sql, params }) => {
    const statement = prepared(sql);
    const results = statement.hasRows ? statement.all(params).map(copyOf) : [];
    const changes = statement.hasRows ? results.length : statement.run(params);
    return { success: true as const, results, meta: { changes } };
  });
}

function copyOf(row: Row): Row {
  return { ...row };
}
