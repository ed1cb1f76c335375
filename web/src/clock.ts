/** The shop's clock, so that countdowns do not depend on how the shopper's device is set. */

/** A reading older than this is replaced by the next one, even if that one is less exact. */
const READING_FRESH_MS = 60_000;

interface Reading {
  /** Server time minus this page's monotonic time. */
  readonly offsetMs: number;
  readonly roundTripMs: number;
  readonly takenAtMs: number;
}

let best: Reading | null = null;

/**
 * Takes in a server time that was answered between two moments of `performance.now()`. The reading
 * with the shortest round trip wins, since half of it bounds the error.
 */
export function observeServerTime(
  serverTime: string,
  sentAtMs: number,
  receivedAtMs: number,
): void {
  const serverMs = Date.parse(serverTime);
  if (Number.isNaN(serverMs)) {
    return;
  }
  const roundTripMs = receivedAtMs - sentAtMs;
  const stale = best === null || receivedAtMs - best.takenAtMs > READING_FRESH_MS;
  if (stale || best === null || roundTripMs <= best.roundTripMs) {
    const offsetMs = serverMs - (sentAtMs + receivedAtMs) / 2;
    best = { offsetMs, roundTripMs, takenAtMs: receivedAtMs };
  }
}

/** Now, in milliseconds since the epoch, by the server's clock once it is known. */
export function serverNowMs(): number {
  return best === null ? Date.now() : performance.now() + best.offsetMs;
}
