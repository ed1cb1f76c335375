/*
 * The only door to clock, timers and randomness. Objects and Workers take a `Runtime`; a simulator
 * hands in one of its own and owns the order of everything.
 */

/** A pending timer; opaque. */
export type Timer = object | number;

export interface Runtime {
  /** Milliseconds since the epoch. In workerd it stands still between I/O. */
  now(): number;
  /** Runs `run` once after `delayMs`. A timer dies with its object: alarms are what survives. */
  setTimer(run: () => void, delayMs: number): Timer;
  clearTimer(timer: Timer): void;
  /** Cryptographically strong random bytes. */
  randomBytes(length: number): Uint8Array;
}

/** The real thing. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  setTimer: (run, delayMs) => setTimeout(run, delayMs),
  clearTimer: (timer) => {
    clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
