/** A loop that asks, waits as told, and survives a lost network and a hidden page. */
import { retryDelayMs } from "./attempts.ts";

/** A running loop. */
export interface Poller {
  /** Asks now, unless a question is already on its way. */
  wake(): void;
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

  const wake = (): void => {
    if (asking || stopped) {
      return;
    }
    asking = true;
    clearTimeout(timer);
    void turn().then((delayMs) => {
      asking = false;
      if (!stopped && delayMs !== null) {
        timer = setTimeout(wake, delayMs);
      }
    });
  };

  const { signal } = events;
  addEventListener("online", wake, { signal });
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
