import { DatabaseSync } from "node:sqlite";
import type { QueueSequencer, SequencerEnv } from "../../durable-objects/queue-sequencer.ts";
import type { Runtime } from "../../durable-objects/runtime.ts";
import { SimulatedSql } from "../../sim/platform/sql-storage.ts";
import { Statements } from "../../sim/platform/statements.ts";

/** When the tests' sales begin. */
export const NOON_MS = Date.UTC(2026, 5, 7, 12);

/** A clock that moves when it is told to, and fires timers on its way. */
export class Clock {
  nowMs: number;
  #timers = new Map<object, { atMs: number; run: () => void }>();
  #bytes = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  readonly runtime: Runtime = {
    now: () => this.nowMs,
    setTimer: (run, delayMs) => {
      const timer = {};
      this.#timers.set(timer, { atMs: this.nowMs + delayMs, run });
      return timer;
    },
    clearTimer: (timer) => this.#timers.delete(timer as object),
    randomBytes: (length) => new Uint8Array(length).fill((this.#bytes += 1)),
  };

  /** Lets time pass, timer by timer; what each brings is done before the next. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      await settled();
      const next = [...this.#timers].toSorted(([, a], [, b]) => a.atMs - b.atMs)[0];
      if (!next || next[1].atMs > untilMs) break;
      this.#timers.delete(next[0]);
      this.nowMs = Math.max(this.nowMs, next[1].atMs);
      next[1].run();
    }
    this.nowMs = untilMs;
  }
}

/** Everything that waits for nothing but promises is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** An object of the class, on a database of its own in memory. */
export function newSequencer(
  Class: typeof QueueSequencer,
  name: string,
  env: SequencerEnv,
  clock: Clock,
): QueueSequencer {
  const database = new DatabaseSync(":memory:");
  const statements = Statements.of(database);
  let depth = 0;
  const storage = {
    sql: new SimulatedSql(database, () => {}),
    transactionSync: <Result>(run: () => Result): Result => {
      const savepoint = `s${(depth += 1)}`;
      statements.exec(`SAVEPOINT ${savepoint}`);
      try {
        return run();
      } catch (error) {
        statements.exec(`ROLLBACK TO ${savepoint}`);
        throw error;
      } finally {
        statements.exec(`RELEASE ${savepoint}`);
        depth -= 1;
      }
    },
    getAlarm: () => Promise.resolve(null),
    setAlarm: () => Promise.resolve(),
    deleteAlarm: () => Promise.resolve(),
    sync: () => Promise.resolve(),
  };
  const ctx = {
    id: { name },
    storage,
    blockConcurrencyWhile: (work: () => Promise<unknown>) => work(),
  };
  return new Class(ctx as unknown as DurableObjectState, env, clock.runtime);
}
