/*
 * Backpressure: a line whose checkout falls behind lets fewer in. Halved when commits slow down, raised
 * again step by step (additive increase, multiplicative decrease: Chiu and Jain, "Analysis of the Increase
 * and Decrease Algorithms for Congestion Avoidance in Computer Networks", 1989).
 */

/** A purchase that waits this long for its commit waits too long: the whole way has 500 ms. */
export const BATCH_SLOW_MS = 1_000;
/** Reports come every 250 ms and tell of the same trouble: one halving takes effect before the next. */
const HALVE_EVERY_MS = 2_000;
/** However bad it is, this share of the rate that is set goes in: else nobody would see it end. */
const SHARE_MIN = 1 / 64;
/** What comes back of the rate that is set, each second without trouble: all of it within twenty. */
const RECOVER_SHARE_PER_SECOND = 0.05;

/** How the rate is held back; `null` while it is not. */
export interface Pace {
  perSecond: number;
  halvedAtMs: number;
}

/**
 * Halves the rate after a report of slow commits. It begins at what really goes in, which may be far
 * below the rate that is set.
 */
export function slowDown(
  pace: Pace | null,
  { setPerSecond, measuredPerSecond }: { setPerSecond: number; measuredPerSecond: number },
  nowMs: number,
): Pace {
  if (pace && nowMs - pace.halvedAtMs < HALVE_EVERY_MS) return pace;
  const from = Math.min(setPerSecond, pace?.perSecond ?? (measuredPerSecond || setPerSecond));
  return { perSecond: Math.max(from / 2, setPerSecond * SHARE_MIN), halvedAtMs: nowMs };
}

/** Gives back what `dtMs` without trouble earns; `null` once nothing is held back. */
export function recover(
  pace: Pace | null,
  setPerSecond: number,
  dtMs: number,
  nowMs: number,
): Pace | null {
  if (pace === null || nowMs - pace.halvedAtMs < HALVE_EVERY_MS) return pace;
  const gain = (setPerSecond * RECOVER_SHARE_PER_SECOND * dtMs) / 1_000;
  const perSecond = pace.perSecond + gain;
  return perSecond >= setPerSecond ? null : { ...pace, perSecond };
}
