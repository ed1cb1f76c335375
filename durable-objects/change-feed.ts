import { assert } from "../domain/assert.ts";
import { FAN_OUT_MAX } from "../domain/queue/live-tree.ts";
import type { Runtime, Timer } from "./runtime.ts";

/** Changes are told at most four times a second: faster than people read, and a bound on the fan-out. */
export const TELL_EVERY_MS = 250;
/**
 * A parked call is answered after this long though nothing has changed: it is short of what the ways
 * between objects bear, and whoever does not ask again is forgotten.
 */
export const PARKED_MAX_MS = 20_000;

interface Watcher {
  edition: number;
  untilMs: number;
  answer: () => void;
}

/**
 * Calls that wait for a change, one a watcher. They are answered together, so that nobody hears of
 * changes more often than every `tellEveryMs`, however often they come and whoever asks again.
 */
export class ChangeFeed {
  readonly #runtime: Runtime;
  readonly #tellEveryMs: number;
  readonly #watchers = new Map<string, Watcher>();
  #edition = 0;
  #toldAtMs = -Infinity;
  #timer: { timer: Timer; atMs: number } | null = null;

  constructor(runtime: Runtime, tellEveryMs = TELL_EVERY_MS) {
    this.#runtime = runtime;
    this.#tellEveryMs = tellEveryMs;
  }

  /** Calls that wait now. */
  get size(): number {
    return this.#watchers.size;
  }

  /**
   * Waits until there is an edition newer than `edition`, at most until `untilMs`. A watcher waits
   * once: its earlier call, whose caller may be gone, is answered now.
   */
  wait(watcher: string, edition: number, untilMs: number): Promise<void> {
    this.release(watcher);
    assert(this.#watchers.size < FAN_OUT_MAX, `at most ${FAN_OUT_MAX} wait for one feed`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.set(watcher, { edition, untilMs, answer: resolve });
    this.#plan();
    return promise;
  }

  /** Answers a watcher's call now, as if its time were up. */
  release(watcher: string): void {
    this.#watchers.get(watcher)?.answer();
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0 || !this.#timer) return;
    // A timer keeps its object awake.
    this.#runtime.clearTimer(this.#timer.timer);
    this.#timer = null;
  }

  /** Takes note of the current edition. */
  changed(edition: number): void {
    if (edition <= this.#edition) return;
    this.#edition = edition;
    this.#plan();
  }

  /** Answers everyone now and knows of no edition any more. */
  reset(): void {
    this.#edition = 0;
    for (const watcher of this.#watchers.keys()) this.release(watcher);
  }

  #plan(): void {
    if (this.#watchers.size === 0) return;
    const nowMs = this.#runtime.now();
    const atMs = Math.min(...[...this.#watchers.values()].map((one) => this.#dueAtMs(one, nowMs)));
    if (this.#timer) {
      if (this.#timer.atMs <= atMs) return;
      this.#runtime.clearTimer(this.#timer.timer);
    }
    const timer = this.#runtime.setTimer(() => {
      this.#timer = null;
      this.#tell();
    }, atMs - nowMs);
    this.#timer = { timer, atMs };
  }

  #dueAtMs({ edition, untilMs }: Watcher, nowMs: number): number {
    if (edition >= this.#edition) return Math.max(untilMs, nowMs);
    // A clock that was set back must not silence the board.
    const restMs = Math.min(this.#toldAtMs + this.#tellEveryMs - nowMs, this.#tellEveryMs);
    return nowMs + Math.max(restMs, 0);
  }

  #tell(): void {
    const nowMs = this.#runtime.now();
    let hasNews = false;
    for (const [name, watcher] of this.#watchers) {
      if (this.#dueAtMs(watcher, nowMs) > nowMs) continue;
      hasNews ||= watcher.edition < this.#edition;
      this.release(name);
    }
    if (hasNews) this.#toldAtMs = nowMs;
    this.#plan();
  }
}
