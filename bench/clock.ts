import { setTimeout as delay } from "node:timers/promises";

/** Time as the drivers see it; passed in, so that a test may hand over another one. */
export interface Clock {
  /** Milliseconds since the epoch, with fractions, never running backwards. */
  nowMs(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal is given. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock: monotonic, and comparable with the times of a server beside it. */
export const machineClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, null, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};
