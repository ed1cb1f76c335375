import { percentile, percentilesOf } from "../percentiles.ts";
import type { Spread, WaitFigures } from "./report.ts";

/** Median, 99th percentile and maximum of values in any order. */
export function spreadOf(values: ArrayLike<number>): Spread {
  const sorted = new Float64Array(values).sort();
  return { p50: percentile(sorted, 50), p99: percentile(sorted, 99), max: sorted.at(-1) ?? 0 };
}

/** The waits of those who were let in; `null` of nobody. */
export function waitFigures(waitsMs: Float64Array): WaitFigures | null {
  const percentiles = percentilesOf(waitsMs);
  if (!percentiles) return null;
  const { p50, p90, p99 } = percentiles;
  return { admitted: waitsMs.length, p50Ms: p50, p90Ms: p90, p99Ms: p99 };
}
