import type { Runtime, Timer } from "../../../durable-objects/runtime.ts";
import { NOON_MS } from "./samples.ts";

interface Pending {
  atMs: number;
  order: number;
  run: () => void;
}

/** Rounds of microtasks that let a chain of awaits come to its end. */
const SETTLE_ROUNDS = 50;
/** Timers of one `advance`: more means that one arms itself without end. */
const TIMERS_MAX = 10_000;

/** Lets everything that waits for nothing but microtasks run. */
export async function settle(): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round++) await Promise.resolve();
}

/** A runtime whose time stands still until a test moves it; timers fire in the order of their time. */
export class ManualRuntime implements Runtime {
  #nowMs = NOON_MS;
  #order = 0;
  #pending: Pending[] = [];

  now(): number {
    return this.#nowMs;
  }

  setTimer(run: () => void, delayMs: number): Timer {
    const timer: Pending = { atMs: this.#nowMs + delayMs, order: this.#order++, run };
    this.#pending.push(timer);
    return timer;
  }

  clearTimer(timer: Timer): void {
    this.#pending = this.#pending.filter((pending) => pending !== timer);
  }

  randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, (_, index) => index);
  }

  /** How long until each pending timer, soonest first. */
  delays(): number[] {
    return this.#pending.map(({ atMs }) => atMs - this.#nowMs).sort((a, b) => a - b);
  }

  /** Moves time on; timers that come due fire at their time, and what they start runs on. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (let fired = 0; fired < TIMERS_MAX; fired++) {
      await settle();
      const [next] = this.#pending
        .filter(({ atMs }) => atMs <= untilMs)
        .sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      if (!next) {
        this.#nowMs = untilMs;
        return;
      }
      this.clearTimer(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    throw new Error(`More than ${TIMERS_MAX} timers in ${byMs} ms.`);
  }
}
