import type { Runtime, Timer } from "./runtime.ts";

/** What became of one command of a batch. */
export type Outcome<Result> = { ok: true; value: Result } | { ok: false; error: unknown };

interface Waiting<Command, Result> {
  command: Command;
  settle: (outcome: Outcome<Result>) => void;
}

export interface BatcherOptions<Command, Result> {
  runtime: Runtime;
  /** How long a command waits for others at most; 0 takes what is there already. */
  delayMs: (command: Command) => number;
  /** Commands of one batch; the rest goes into the next. */
  batchMax: number;
  /** Commands that wait or are being applied at once; beyond it `run` answers `null`. */
  waitingMax: number;
  /** Batches that are being applied at once; what waits meanwhile goes together into the next. Left out: any number. */
  inFlightMax?: number;
  /** Applies a batch, one outcome a command, in order. If it throws, the whole batch fails. */
  apply: (commands: Command[]) => Outcome<Result>[] | Promise<Outcome<Result>[]>;
}

/**
 * Group commit: requests that wait while an object turns to them are applied together and answered
 * after. Only a Durable Object may do this: its requests share one I/O context.
 *
 * Batches start from a timer, never from the first request's own call: that caller may hang up.
 * While an asynchronous `apply` waits for its I/O, further batches may start.
 */
export class Batcher<Command, Result> {
  readonly #options: BatcherOptions<Command, Result>;
  #waiting: Waiting<Command, Result>[] = [];
  #unsettled = 0;
  #inFlight = 0;
  #timer: Timer | null = null;
  #flushesAtMs = 0;

  constructor(options: BatcherOptions<Command, Result>) {
    this.#options = options;
  }

  /** Queues a command; its result, or `null` at once when too many wait already. */
  run(command: Command): Promise<Result> | null {
    if (this.#unsettled >= this.#options.waitingMax) return null;
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#wait(command, (outcome) => {
      if (outcome.ok) resolve(outcome.value);
      else reject(outcome.error);
    });
    return promise;
  }

  /** Queues commands that came together: what became of each, `null` of those that found no room. One promise for all. */
  runAll(commands: readonly Command[]): Promise<(Outcome<Result> | null)[]> {
    const { promise, resolve } = Promise.withResolvers<(Outcome<Result> | null)[]>();
    const outcomes = commands.map((): Outcome<Result> | null => null);
    const room = Math.max(0, this.#options.waitingMax - this.#unsettled);
    const taken = commands.slice(0, room);
    let open = taken.length;
    for (const [index, command] of taken.entries())
      this.#wait(command, (outcome) => {
        outcomes[index] = outcome;
        open -= 1;
        if (open === 0) resolve(outcomes);
      });
    if (open === 0) resolve(outcomes);
    return promise;
  }

  #wait(command: Command, settle: (outcome: Outcome<Result>) => void): void {
    this.#unsettled += 1;
    this.#waiting.push({ command, settle });
    this.#arm(this.#options.delayMs(command));
  }

  /**
   * Applies now what waits. For a caller that has just written something itself: both writes are one
   * commit.
   */
  flush(): void {
    if (this.#waiting.length > 0) void this.#flush();
  }

  /** Sets the timer, or moves it earlier. */
  #arm(delayMs: number): void {
    const { runtime } = this.#options;
    const atMs = runtime.now() + delayMs;
    if (this.#timer !== null) {
      if (this.#flushesAtMs <= atMs) return;
      runtime.clearTimer(this.#timer);
    }
    this.#flushesAtMs = atMs;
    this.#timer = runtime.setTimer(() => {
      void this.#flush();
    }, delayMs);
  }

  async #flush(): Promise<void> {
    if (this.#timer !== null) this.#options.runtime.clearTimer(this.#timer);
    this.#timer = null;
    if (this.#inFlight >= (this.#options.inFlightMax ?? Infinity)) return;
    this.#inFlight += 1;
    const batch = this.#waiting.splice(0, this.#options.batchMax);
    if (this.#waiting.length > 0) this.#arm(0);
    try {
      const outcomes = await this.#options.apply(batch.map((entry) => entry.command));
      for (const [index, { settle }] of batch.entries())
        settle(
          outcomes[index] ?? {
            ok: false,
            error: new Error("The batch gave no outcome for a command."),
          },
        );
    } catch (error) {
      for (const { settle } of batch) settle({ ok: false, error });
    } finally {
      this.#unsettled -= batch.length;
      this.#inFlight -= 1;
      if (this.#waiting.length > 0 && this.#timer === null) this.#arm(0);
    }
  }
}
