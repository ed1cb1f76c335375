/** An honest wait: an interval, in whole seconds. */
export interface WaitEstimate {
  minSeconds: number;
  maxSeconds: number;
}

/** Below this rate an estimate would be a guess. */
const RATE_MIN_PER_SECOND = 0.01;
/** The spread put around the measured rate. */
const SPREAD_SHARE = 0.2;
/** One tick and one poll pass before anyone can act on an invitation. */
const OVERHEAD_SECONDS = 2;

/** The wait of someone with `ahead` others before them; `null` when the line does not move. */
export function estimateWait(ahead: number, invitedPerSecond: number): WaitEstimate | null {
  if (invitedPerSecond < RATE_MIN_PER_SECOND) return null;
  const seconds = (ahead + 1) / invitedPerSecond;
  return {
    minSeconds: Math.floor(seconds * (1 - SPREAD_SHARE)),
    maxSeconds: Math.ceil(seconds * (1 + SPREAD_SHARE)) + OVERHEAD_SECONDS,
  };
}
