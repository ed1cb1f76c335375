import type { Spread, WaitFigures } from "./report.ts";

/** The smallest value that this percentage of the sorted values does not exceed; 0 for none. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent * sorted.length) / 100));
  return sorted[rank - 1] ?? 0;
}

/** Median, 99th percentile and maximum of values in any order. */
export function spreadOf(values: ArrayLike<number>): Spread {
  const sorted = new Float64Array(values).sort();
  return { p50: percentile(sorted, 50), p99: percentile(sorted, 99), max: sorted.at(-1) ?? 0 };
}

/** The waits of those who were let in; `null` of nobody. */
export function waitFigures(waitsMs: Float64Array): WaitFigures | null {
  if (waitsMs.length === 0) return null;
  const sorted = waitsMs.toSorted();
  const [p50Ms, p90Ms, p99Ms] = [
    percentile(sorted, 50),
    percentile(sorted, 90),
    percentile(sorted, 99),
  ];
  return { admitted: sorted.length, p50Ms, p90Ms, p99Ms };
}
