import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";

/*
 * The way between nodes. Cloudflare promises of a call only that it runs at most once and that an
 * error may hide a call that ran (developers.cloudflare.com/durable-objects/best-practices/error-handling).
 */

/** A call takes this long one way, in microseconds. */
const LATENCY_MIN_US = 200;
const LATENCY_MAX_US = 5_000;
/** A slow one takes up to this long. */
const SLOW_MAX_US = 10_000_000;
/** A caller learns of a lost call after this long at most. */
const LOSS_NOTICED_MAX_US = 5_000_000;

/** Whoever sends something: an object, a Worker, a shopper. */
export interface Caller {
  /** The node's name, for partitions and the history. */
  readonly node: string;
  /** Lets something go when everything that the caller wrote before is durable (the output gate). */
  release(send: () => void): void;
  /** How the answer to what is sent now is let in (the input gate); who is gone hears nothing. */
  entrance(): (arrive: () => void) => void;
  /** Called when something of the caller's is on its way: a good moment to lose the caller. */
  exposed(): void;
}

/** Somebody who asks, and somebody who is asked. */
export interface Link {
  from: string;
  to: string;
}

export type Settled = { ok: true; value: unknown } | { ok: false; error: unknown };

/** Whether an error comes from beneath the code: every one that the simulator makes says so. */
export function isInfrastructure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const flags = error as { retryable?: boolean; durableObjectReset?: boolean };
  return flags.retryable === true || flags.durableObjectReset === true;
}

/** An error from beneath the code. */
export function infrastructureError(message: string): Error {
  return Object.assign(bareError(message), { retryable: true });
}

/** Without a stack: it would name the simulator alone, and costs more than everything else of a lost call. */
function bareError(message: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(message);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** The runtime's error for a call that was lost on its way, in either direction. */
export function connectionLost(): Error {
  return infrastructureError("Network connection lost.");
}

/** The runtime's error for calls that were in an object when its own code brought it down. */
export function objectFailed(reason: string): Error {
  return Object.assign(bareError(reason), { durableObjectReset: true });
}

/** The runtime's error for calls that were in an object when it went under. */
export function objectReset(): Error {
  return Object.assign(
    bareError("Durable Object reset because its code was updated or it failed."),
    { durableObjectReset: true, retryable: true },
  );
}

export class Network {
  readonly #kernel: Kernel;
  readonly #dice: Dice;
  readonly #partitioned = new Set<string>();
  /** Who has asked whom, by both names; kept where links may be cut. */
  readonly #links = new Map<string, Link>();
  readonly #keepsLinks: boolean;
  /** What goes from the first to the second is lost, by both names. */
  readonly #cut = new Set<string>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#dice = kernel.dice.fork("network");
    this.#keepsLinks = kernel.faults.has("link.cut") || kernel.faults.has("link.muted");
  }

  /** Cuts a node off for a time. */
  partition(node: string, forUs: number): void {
    this.#partitioned.add(node);
    this.#kernel.note(`${node} cut off for ${Math.round(forUs / 1000)} ms`);
    this.#kernel.scheduler.schedule(forUs, () => this.#partitioned.delete(node));
  }

  /** Who has asked whom until now. */
  get links(): readonly Link[] {
    return [...this.#links.values()];
  }

  /** For a time nothing that the one sends reaches the other. */
  cut({ from, to }: Link, forUs: number): void {
    const way = wayOf(from, to);
    this.#cut.add(way);
    this.#kernel.note(`${to} hears nothing of ${from} for ${Math.round(forUs / 1000)} ms`);
    this.#kernel.scheduler.schedule(forUs, () => this.#cut.delete(way));
  }

  /** Ends every partition. */
  heal(): void {
    this.#partitioned.clear();
    this.#cut.clear();
  }

  /**
   * Sends a request and brings the answer back. `serve` runs at most once, at the other side; the
   * promise settles at most once, at the caller's, and never when the caller is gone.
   */
  exchange(
    caller: Caller,
    to: string,
    what: string,
    serve: (answer: (settled: Settled) => void) => void,
  ): Promise<unknown> {
    const { scheduler, faults } = this.#kernel;
    if (this.#keepsLinks) this.#links.set(wayOf(caller.node, to), { from: caller.node, to });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const letIn = caller.entrance();
    const arrive = (settled: Settled, delayUs: number): void => {
      scheduler.schedule(delayUs, () => {
        letIn(() => {
          this.#kernel.note(`${caller.node} <- ${what} ${describe(settled)}`);
          if (settled.ok) resolve(settled.value);
          else reject(settled.error);
        });
      });
    };
    const lose = (): void =>
      arrive({ ok: false, error: connectionLost() }, this.#dice.int(0, LOSS_NOTICED_MAX_US));

    caller.release(() => {
      if (this.isCut(caller.node, to) || faults.happens("call.lost")) return lose();
      scheduler.schedule(this.#latencyUs(), () => {
        serve((settled) => {
          if (this.isCut(to, caller.node) || faults.happens("reply.lost")) return lose();
          arrive(settled, this.#latencyUs());
        });
      });
      caller.exposed();
    });
    return promise;
  }

  /** Whether nothing comes from the one node to the other now. */
  isCut(from: string, to: string): boolean {
    if (from === to) return false;
    if (this.#partitioned.has(from) || this.#partitioned.has(to)) return true;
    return this.#cut.size > 0 && this.#cut.has(wayOf(from, to));
  }

  #latencyUs(): number {
    const isSlow = this.#kernel.faults.happens("call.slow");
    return this.#dice.int(LATENCY_MIN_US, isSlow ? SLOW_MAX_US : LATENCY_MAX_US);
  }
}

function wayOf(from: string, to: string): string {
  return `${from} > ${to}`;
}

function describe(settled: Settled): string {
  if (!settled.ok) return `failed: ${String(settled.error)}`;
  return JSON.stringify(settled.value) ?? "done";
}
