/** Three values that say how a figure is spread over many. */
export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
}

/** The smallest value that so many percent of the sorted values do not exceed; 0 of none. */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent * sorted.length) / 100));
  return sorted[rank - 1] ?? 0;
}

/** The percentiles of values in any order; `null` of no values. */
export function percentilesOf(values: ArrayLike<number>): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = new Float64Array(values).sort();
  return { p50: percentile(sorted, 50), p90: percentile(sorted, 90), p99: percentile(sorted, 99) };
}
