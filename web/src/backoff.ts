/** Waiting times between tries, spread out so that a crowd does not return in step. */

const FIRST_RETRY_MS = 1_000;
/** Long enough to give a struggling server air, short enough that a shopper does not give up. */
const RETRY_CEILING_MS = 20_000;
/** Doubling further would only overflow; the ceiling is reached long before. */
const DOUBLINGS_MAX = 8;
/** Share by which a told delay may be lengthened; never shortened, since the server asked for it. */
const SPREAD_SHARE = 0.2;

/** How long to wait after `failures` (1 or more) in a row: full jitter over a doubling window. */
export function backoffMs(failures: number, random: number): number {
  const doublings = Math.min(Math.max(failures - 1, 0), DOUBLINGS_MAX);
  const windowMs = Math.min(FIRST_RETRY_MS * 2 ** doublings, RETRY_CEILING_MS);
  return Math.round(windowMs * (0.5 + random / 2));
}

/** A delay the server asked for, lengthened by up to a fifth. */
export function spreadMs(delayMs: number, random: number): number {
  return Math.round(delayMs * (1 + SPREAD_SHARE * random));
}
