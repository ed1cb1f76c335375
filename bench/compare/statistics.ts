/** A median with an interval that holds the true one with at least this chance. */
export const CONFIDENCE = 0.95;

/** A median and the interval around it. */
export interface Estimate {
  median: number;
  low: number;
  high: number;
  samples: number;
}

/** The middle value; of an even number of them the mean of the middle two. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The median with the interval between two order statistics: whatever the distribution, the true median
 * lies between the k-th smallest and the k-th greatest sample with the chance that a fair coin thrown
 * n times shows between k and n - k heads (Conover, Practical Nonparametric Statistics, 3.2). With fewer than six
 * samples no pair reaches the confidence, and the interval is all there is.
 */
export function estimate(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  const outside = ranksOutside(count);
  return {
    median: median(sorted),
    low: sorted[outside] ?? Number.NaN,
    high: sorted[count - 1 - outside] ?? Number.NaN,
    samples: count,
  };
}

/** Of each pair, the first over the second. */
export function ratios(pairs: readonly (readonly [number, number])[]): number[] {
  return pairs.map(([first, second]) => first / second);
}

/** How many samples may be left out at either end so that the rest still has the confidence. */
function ranksOutside(count: number): number {
  let tail = 0;
  let chance = 0.5 ** count;
  for (let heads = 0; heads < count / 2; heads += 1) {
    tail += chance;
    if (2 * tail > 1 - CONFIDENCE) return Math.max(0, heads - 1);
    chance = (chance * (count - heads)) / (heads + 1);
  }
  return 0;
}
