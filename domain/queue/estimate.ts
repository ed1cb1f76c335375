import { FLOW_PERIOD_MS, type Flow } from "./flow.ts";

/** An honest wait: an interval, in whole seconds. */
export interface WaitEstimate {
  minSeconds: number;
  maxSeconds: number;
}

/** Below this rate an estimate would be a guess. */
const RATE_MIN_PER_SECOND = 0.01;
/** Of a normal distribution, 95 percent lie within so many standard deviations. */
const DEVIATIONS = 1.96;
/** Nothing is as even as it looks: the interval is never narrower than this share to either side … */
const HALF_WIDTH_MIN_SHARE = 0.08;
/** … nor wider: beyond, the line is simply uneven. */
const HALF_WIDTH_MAX_SHARE = 0.5;
/** One tick and one poll pass before anyone can act on an invitation. */
const OVERHEAD_SECONDS = 3;

/**
 * The wait of someone with `ahead` others before them; `null` when the line does not move or nobody
 * knows yet how fast. The interval holds both that the pace is only measured and that it will vary
 * over the wait, each as the mean of so many periods.
 */
export function estimateWait(ahead: number, flow: Flow | null): WaitEstimate | null {
  if (!flow || flow.perSecond < RATE_MIN_PER_SECOND) return null;
  const seconds = (ahead + 1) / flow.perSecond;
  const periodSeconds = FLOW_PERIOD_MS / 1000;
  const measured = flow.overSeconds === null ? 0 : periodSeconds / flow.overSeconds;
  const variance = periodSeconds / Math.max(seconds, 1) + measured;
  const wanted = DEVIATIONS * flow.spread * Math.sqrt(variance);
  const share = Math.min(Math.max(wanted, HALF_WIDTH_MIN_SHARE), HALF_WIDTH_MAX_SHARE);
  return {
    minSeconds: Math.floor(seconds * (1 - share)),
    maxSeconds: Math.ceil(seconds * (1 + share)) + OVERHEAD_SECONDS,
  };
}
