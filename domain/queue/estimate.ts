import type { Flow } from "./flow.ts";

/** An honest wait: an interval, in whole seconds. */
export interface WaitEstimate {
  minSeconds: number;
  maxSeconds: number;
}

/** Below this rate an estimate would be a guess. */
const RATE_MIN_PER_SECOND = 0.01;
/** Of a normal distribution, 95 percent lie within so many standard deviations. */
const DEVIATIONS = 2.2;
/** Nothing is as even as it looks: the interval is never narrower than this share to either side … */
const HALF_WIDTH_MIN_SHARE = 0.08;
/** … nor wider: beyond, the line is simply uneven. */
const HALF_WIDTH_MAX_SHARE = 0.5;
/**
 * Shoppers who were let in together and all stay as long leave together: places come in waves, of one
 * stay each, and this part of a stay holds nine waits of ten to either side of the even pace.
 */
const WAVE_SHARE = 0.6;
/** With a spread from here on waves have dissolved. */
const WAVELESS_SPREAD = 0.5;
/** One tick and one poll pass before anyone can act on an invitation. */
const OVERHEAD_SECONDS = 3;

/**
 * The wait of someone with `ahead` others before them; `null` when the line does not move or nobody
 * knows yet how fast. The interval holds both that stays are only known from so many, and that those of
 * the shoppers ahead will vary.
 */
export function estimateWait(ahead: number, flow: Flow | null): WaitEstimate | null {
  if (!flow || flow.perSecond < RATE_MIN_PER_SECOND) return null;
  const { perSecond, spread, known, staySeconds } = flow;
  const seconds = (ahead + 1) / perSecond;
  const variance = known === 0 ? 0 : spread ** 2 * (1 / known + 1 / (ahead + 1));
  const wanted = DEVIATIONS * Math.sqrt(variance);
  const share = Math.min(Math.max(wanted, HALF_WIDTH_MIN_SHARE), HALF_WIDTH_MAX_SHARE);
  const waves = Math.max(0, 1 - spread / WAVELESS_SPREAD) * WAVE_SHARE * (staySeconds ?? 0);
  const halfWidth = Math.max(seconds * share, waves);
  return {
    minSeconds: Math.max(0, Math.floor(seconds - halfWidth)),
    maxSeconds: Math.ceil(seconds + halfWidth) + OVERHEAD_SECONDS,
  };
}
