/** How a figure is spread over a crowd; all 0 for nobody. */
export interface Spread {
  p50: number;
  p99: number;
  max: number;
}

/** The smallest value that this percentage of the sorted values does not exceed; 0 for none. */
export function percentile(sorted: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? 0;
}

/** Median, 99th percentile and maximum of values in any order. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: percentile(sorted, 50), p99: percentile(sorted, 99), max: sorted.at(-1) ?? 0 };
}
