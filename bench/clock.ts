import { setTimeout as delay } from "node:timers/promises";

/** Time as the drivers see it; passed in, so that a test may hand over another one. */
export interface Clock {
  /** Milliseconds since the epoch, with fractions, never running backwards. */
  nowMs(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** The machine's clock: monotonic, and comparable with the times of a server beside it. */
export const machineClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: (ms) => delay(ms),
};
