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
  // Not of `node:timers/promises`: ended by its signal it makes an error, ten times what the rest of a board costs.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener("abort", end);
    }),
};
