import type { LocalRuntime } from "./runtime.ts";

/** Cron triggers have a resolution of one minute; the local system calls each of them that often. */
const CRON_INTERVAL_MS = 60_000;

/**
 * Calls every cron trigger each minute, as the platform would, never two rounds at once. A handler
 * that fails is reported and called again the next minute. Returns a function that stops the calls.
 */
export function startCron(runtime: LocalRuntime, onError: (message: string) => void): () => void {
  let isRunning = false;
  const round = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    try {
      await runtime.callCronTriggers();
    } catch (error) {
      onError(`a cron trigger failed and is called again in a minute: ${String(error)}`);
    } finally {
      isRunning = false;
    }
  };
  const timer = setInterval(() => void round(), CRON_INTERVAL_MS);
  return () => clearInterval(timer);
}
