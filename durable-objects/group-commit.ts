import { refuse, type Refusal } from "../domain/problem.ts";
import { Batcher, type Outcome } from "./batcher.ts";
import type { Runtime } from "./runtime.ts";

/** Commands of one transaction: 500 purchases take about 20 ms. */
const BATCH_MAX_COMMANDS = 500;
/** Commands that wait at once; more means that the object cannot keep up: 503 `busy`. */
const WAITING_MAX_COMMANDS = 5_000;

/** What applies commands of one kind together. */
export interface Together<Input, Answer> {
  /** Applies them in their order: an answer each. */
  applyAll(inputs: Input[], nowMs: number): Answer[];
  /** Whether it takes back itself what it has written when it throws; otherwise a savepoint does. */
  readonly takesBack: boolean;
}

interface Command {
  kind: Together<unknown, unknown>;
  input: unknown;
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
 * All commands that wait when the object turns to them, in one turn, which the runtime makes one transaction and one
 * commit of. Each runs in a savepoint, so that a throwing one fails alone; if the commit fails, all of them fail.
 * Neighbours that are applied together share one, or have none: it costs a copy of each page that is written in it.
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
    const alone = { applyAll: (_: null[], nowMs: number) => [command(nowMs)], takesBack: false };
    return this.together(alone, null);
  }

  /** The same for a command that is applied with those of its kind (the same object) that stand beside it. */
  async together<Input, Answer>(
    kind: Together<Input, Answer>,
    input: Input,
  ): Promise<Answer | Refusal> {
    const command = { kind, input, cameAtMs: this.#options.runtime.now() } as Command;
    const answer = this.#batcher.run(command) as Promise<Answer> | null;
    return answer ?? busy();
  }

  /** The same for those that came in one call: what became of each, in their order. */
  async allTogether<Input, Answer>(
    kind: Together<Input, Answer>,
    inputs: readonly Input[],
  ): Promise<Outcome<Answer | Refusal>[]> {
    const cameAtMs = this.#options.runtime.now();
    const commands = inputs.map((input) => ({ kind, input, cameAtMs }));
    const outcomes = (await this.#batcher.runAll(commands)) as (Outcome<Answer> | null)[];
    return outcomes.map((outcome) => outcome ?? { ok: true, value: busy() });
  }

  #apply(commands: Command[]): Outcome<unknown>[] {
    const { storage, runtime, before, after, durable } = this.#options;
    const nowMs = runtime.now();
    const oldestAtMs = commands[0]?.cameAtMs ?? nowMs;
    if (before) storage.transactionSync(() => before(nowMs));
    const outcomes = neighbours(commands).flatMap((those) => this.#applyTogether(those, nowMs));
    this.#commits += 1;
    this.#commands += commands.length;
    after();
    // A commit that fails resets the object: then nobody is left to hear of it.
    if (durable) void storage.sync().then(() => durable(runtime.now() - oldestAtMs));
    return outcomes;
  }

  #applyTogether(commands: Command[], nowMs: number): Outcome<unknown>[] {
    const [first] = commands;
    if (!first) return [];
    const { kind } = first;
    const apply = (): unknown[] =>
      kind.applyAll(
        commands.map(({ input }) => input),
        nowMs,
      );
    try {
      const answers = kind.takesBack ? apply() : this.#options.storage.transactionSync(apply);
      return answers.map((value) => ({ ok: true, value }));
    } catch (error) {
      if (commands.length === 1) return [{ ok: false, error }];
      // Whichever of them it was: one by one it fails alone.
      return commands.flatMap((command) => this.#applyTogether([command], nowMs));
    }
  }
}

function busy(): Refusal {
  return refuse("busy", { retryAfterSeconds: 1 });
}

/** Commands in their order, those of a kind together that stand beside each other. */
function neighbours(commands: readonly Command[]): Command[][] {
  const groups: Command[][] = [];
  for (const command of commands) {
    const last = groups.at(-1);
    if (last?.[0]?.kind === command.kind) last.push(command);
    else groups.push([command]);
  }
  return groups;
}
