/** A loop that asks, waits as told, and survives a lost network and a hidden page. */
import { retryDelayMs } from "./attempts.ts";

/** A running loop. */
export interface Poller {
  /** Asks now, or after a delay, in place of the time planned before. */
  wake(afterMs?: number): void;
  /** Ends the loop; an answer still on its way is ignored. */
  stop(): void;
}

/** What a loop does. */
export interface PollerOptions {
  /** Asks once; gives the delay in ms until the next time, or null to sleep until woken. */
  readonly ask: () => Promise<number | null>;
  /** Hears of every failure in a row (1, 2, …), and of 0 after the first success. */
  readonly onFailures: (failures: number, error: unknown) => void;
}

/** Starts a loop at once. It also wakes when the network returns or the page is looked at again. */
export function startPoller({ ask, onFailures }: PollerOptions): Poller {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let stopped = false;
  let failures = 0;
  /** The delay asked for by `wake` while a question is on its way. */
  let wokenMs: number | null = null;
  const events = new AbortController();

  const turn = async (): Promise<number | null> => {
    try {
      const delayMs = await ask();
      if (failures > 0) {
        failures = 0;
        onFailures(0, null);
      }
      return delayMs;
    } catch (error) {
      failures += 1;
      if (!stopped) {
        onFailures(failures, error);
      }
      return retryDelayMs(error, failures);
    }
  };

  const plan = (delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void go(), delayMs);
  };

  const go = async (): Promise<void> => {
    if (asking || stopped) {
      return;
    }
    asking = true;
    clearTimeout(timer);
    wokenMs = null;
    const delayMs = await turn();
    asking = false;
    // Who was woken while asking wants an answer that is younger than the question.
    const nextMs = wokenMs ?? delayMs;
    if (!stopped && nextMs !== null) {
      plan(nextMs);
    }
  };

  const wake = (afterMs = 0): void => {
    if (asking) {
      wokenMs = afterMs;
    } else if (!stopped) {
      plan(afterMs);
    }
  };

  const { signal } = events;
  addEventListener("online", () => wake(), { signal });
  document.addEventListener("visibilitychange", () => !document.hidden && wake(), { signal });
  wake();
  return {
    wake,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      events.abort();
    },
  };
}
