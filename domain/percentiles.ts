/** Three values that say how a figure is spread over many. */
export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
}

/** Of each the smallest value that so many percent do not exceed; `null` of no values. */
export function percentilesOf(values: readonly number[]): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent: number): number =>
    sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? 0;
  return { p50: at(50), p90: at(90), p99: at(99) };
}
