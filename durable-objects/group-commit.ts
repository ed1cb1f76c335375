import { refuse, type Refusal } from "../domain/problem.ts";
import { Batcher, type Outcome } from "./batcher.ts";
import type { Runtime } from "./runtime.ts";

/** Commands of one transaction: 500 purchases take about 20 ms. */
const BATCH_MAX_COMMANDS = 500;
/** Commands that wait at once; more means that the object cannot keep up: 503 `busy`. */
const WAITING_MAX_COMMANDS = 5_000;

interface Command {
  run: (nowMs: number) => unknown;
  cameAtMs: number;
}

export interface GroupCommitOptions {
  storage: Pick<DurableObjectStorage, "transactionSync" | "sync">;
  runtime: Runtime;
  /** Runs in the transaction before its commands: what time has brought. */
  before?: (nowMs: number) => void;
  /** Runs after the transaction. */
  after: () => void;
  /** Hears how long the longest of a batch waited until its commit was durable. */
  durable?: (ageMs: number) => void;
}

/**
 * All commands that wait when the object turns to them, in one transaction and one commit. Each runs
 * in a savepoint, so that a throwing one fails alone; if the commit fails, all of them fail.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #batcher: Batcher<Command, unknown>;
  #commits = 0;
  #commands = 0;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#batcher = new Batcher({
      runtime: options.runtime,
      delayMs: () => 0,
      batchMax: BATCH_MAX_COMMANDS,
      waitingMax: WAITING_MAX_COMMANDS,
      apply: (commands) => this.#apply(commands),
    });
  }

  /** Transactions and commands since the object woke. */
  get counts(): { commits: number; commands: number } {
    return { commits: this.#commits, commands: this.#commands };
  }

  /** Runs a synchronous command in the next transaction; `busy` when too many wait. */
  async run<Answer>(command: (nowMs: number) => Answer): Promise<Answer | Refusal> {
    const cameAtMs = this.#options.runtime.now();
    const answer = this.#batcher.run({ run: command, cameAtMs }) as Promise<Answer> | null;
    return answer ?? refuse("busy", { retryAfterSeconds: 1 });
  }

  #apply(commands: Command[]): Outcome<unknown>[] {
    const { storage, runtime, before, after, durable } = this.#options;
    const nowMs = runtime.now();
    const oldestAtMs = commands[0]?.cameAtMs ?? nowMs;
    const outcomes = storage.transactionSync(() => {
      before?.(nowMs);
      return commands.map(({ run }): Outcome<unknown> => {
        try {
          return { ok: true, value: storage.transactionSync(() => run(nowMs)) };
        } catch (error) {
          return { ok: false, error };
        }
      });
    });
    this.#commits += 1;
    this.#commands += commands.length;
    after();
    // A commit that fails resets the object: then nobody is left to hear of it.
    if (durable) void storage.sync().then(() => durable(runtime.now() - oldestAtMs));
    return outcomes;
  }
}
