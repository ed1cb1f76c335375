/** The signals that stop the system, with the exit code of a process that dies of them. */
const STOP_SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const;

const ORPHANED_EXIT_CODE = 143;

/** How soon the end of npm is noticed. */
const PARENT_POLL_MS = 250;

/** Listens for what asks this process to end. */
export interface StopSignals {
  /** Resolves at the next request to end. */
  next(): Promise<void>;
}

/**
 * Watches for Ctrl-C, SIGTERM and the end of the npm that started this process: npm passes a SIGTERM
 * on to its shell alone, which dies and leaves this process behind. While nobody waits for the next
 * request, one ends the process at once: before the start is complete nothing needs a clean stop, and
 * whoever asks twice is in a hurry.
 */
export function watchStopSignals(): StopSignals {
  let onRequest = exitNow;
  for (const [signal, exitCode] of STOP_SIGNALS) process.on(signal, () => onRequest(exitCode));
  if (process.env["npm_lifecycle_event"] !== undefined) {
    onParentEnd(() => onRequest(ORPHANED_EXIT_CODE));
  }
  return {
    next: () =>
      new Promise((resolve) => {
        onRequest = () => {
          onRequest = exitNow;
          resolve();
        };
      }),
  };
}

function onParentEnd(callback: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, PARENT_POLL_MS);
  timer.unref();
}

function exitNow(exitCode: number): void {
  process.exit(exitCode);
}
