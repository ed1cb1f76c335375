import type { Runtime, Timer } from "./runtime.ts";

/** Changes are told at most four times a second: faster than people read, and a bound on the fan-out. */
export const TELL_EVERY_MS = 250;

interface Watcher {
  version: number;
  untilMs: number;
  answer: () => void;
}

/**
 * Calls that wait for a change, one a watcher. They are answered together, so that nobody hears of
 * changes more often than every `TELL_EVERY_MS`, however often they come and whoever asks again.
 */
export class ChangeFeed {
  readonly #runtime: Runtime;
  readonly #watchers = new Map<number, Watcher>();
  #version = 0;
  #toldAtMs = -Infinity;
  #timer: { timer: Timer; atMs: number } | null = null;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Calls that wait now. */
  get size(): number {
    return this.#watchers.size;
  }

  /**
   * Waits until there is a version newer than `version`, at most until `untilMs`. A watcher waits
   * once: its earlier call, whose caller may be gone, is answered now.
   */
  wait(watcher: number, version: number, untilMs: number): Promise<void> {
    this.release(watcher);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.set(watcher, { version, untilMs, answer: resolve });
    this.#plan();
    return promise;
  }

  /** Answers a watcher's call now, as if its time were up. */
  release(watcher: number): void {
    this.#watchers.get(watcher)?.answer();
    this.#watchers.delete(watcher);
  }

  /** Takes note of the current version. */
  changed(version: number): void {
    if (version <= this.#version) return;
    this.#version = version;
    this.#plan();
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

  #dueAtMs({ version, untilMs }: Watcher, nowMs: number): number {
    if (version >= this.#version) return Math.max(untilMs, nowMs);
    // A clock that was set back must not silence the board.
    const restMs = Math.min(this.#toldAtMs + TELL_EVERY_MS - nowMs, TELL_EVERY_MS);
    return nowMs + Math.max(restMs, 0);
  }

  #tell(): void {
    const nowMs = this.#runtime.now();
    let hasNews = false;
    for (const [name, watcher] of this.#watchers) {
      if (this.#dueAtMs(watcher, nowMs) > nowMs) continue;
      hasNews ||= watcher.version < this.#version;
      this.release(name);
    }
    if (hasNews) this.#toldAtMs = nowMs;
    this.#plan();
  }
}
