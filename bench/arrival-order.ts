/** How well the numbers that were given keep the order in which shoppers came. */

/** A place as one shopper was told it; times are the driver's clock. */
export interface TimedPlace {
  number: number;
  firstSentAtMs: number;
  answeredAtMs: number;
}

/**
 * Counts pairs (A, B) where A's answer was in hand before B's join was first sent, and yet A's
 * number is the greater one. No delay of the network can excuse such a pair. O(n log n): sweep
 * over sending times, with a Fenwick tree of the numbers already answered.
 */
export function countCertainInversions(places: readonly TimedPlace[]): number {
  const rankOf = ranks(places.map((place) => place.number));
  const byAnswer = places.toSorted((a, b) => a.answeredAtMs - b.answeredAtMs);
  const bySending = places.toSorted((a, b) => a.firstSentAtMs - b.firstSentAtMs);
  const answered = new FenwickTree(rankOf.size);
  let answeredCount = 0;
  let inversions = 0;
  for (const later of bySending) {
    for (
      let earlier = byAnswer[answeredCount];
      earlier !== undefined && earlier.answeredAtMs < later.firstSentAtMs;
      earlier = byAnswer[answeredCount]
    ) {
      answered.add(rankOf.get(earlier.number) ?? 0);
      answeredCount += 1;
    }
    inversions += answeredCount - answered.countUpTo(rankOf.get(later.number) ?? 0);
  }
  return inversions;
}

/** Kendall's distance between sending order and numbers. */
export interface KendallDistance {
  /** Pairs in which the one sent later has the smaller number. */
  discordantPairs: number;
  /** Share of all pairs: 0 is the exact order, 1 the reverse. Kendall's tau is 1 - 2 x this. */
  distance: number;
}

/** Compares numbers with the order of sending; merge sort, O(n log n). */
export function kendallDistance(places: readonly TimedPlace[]): KendallDistance {
  const numbers = places
    .toSorted((a, b) => a.firstSentAtMs - b.firstSentAtMs)
    .map((place) => place.number);
  const discordantPairs = countInversions(numbers);
  const pairs = (numbers.length * (numbers.length - 1)) / 2;
  return { discordantPairs, distance: pairs === 0 ? 0 : discordantPairs / pairs };
}

/** The greatest number of intervals `[fromMs, untilMs)` that hold at one moment. */
export function peakOverlap(intervals: readonly { fromMs: number; untilMs: number }[]): number {
  const starts = intervals.map((interval) => interval.fromMs).toSorted((a, b) => a - b);
  const ends = intervals.map((interval) => interval.untilMs).toSorted((a, b) => a - b);
  let ended = 0;
  let peak = 0;
  for (const [started, startMs] of starts.entries()) {
    while (ended < ends.length && (ends[ended] ?? 0) <= startMs) ended += 1;
    peak = Math.max(peak, started + 1 - ended);
  }
  return peak;
}

function ranks(numbers: readonly number[]): Map<number, number> {
  const sorted = [...new Set(numbers)].toSorted((a, b) => a - b);
  return new Map(sorted.map((number, index) => [number, index]));
}

/** Counts pairs i < j with a greater value at i; equal values are in order. */
function countInversions(values: readonly number[]): number {
  let from = Float64Array.from(values);
  let into = new Float64Array(from.length);
  let inversions = 0;
  for (let width = 1; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      inversions += merge(from, into, start, middle, Math.min(middle + width, from.length));
    }
    [from, into] = [into, from];
  }
  return inversions;
}

/** Merges two sorted runs and counts how often the right one's head passes values of the left. */
function merge(
  from: Float64Array,
  into: Float64Array,
  start: number,
  middle: number,
  end: number,
): number {
  let left = start;
  let right = middle;
  let passed = 0;
  for (let target = start; target < end; target += 1) {
    const takeLeft = left < middle && (right >= end || (from[left] ?? 0) <= (from[right] ?? 0));
    if (!takeLeft) passed += middle - left;
    into[target] = (takeLeft ? from[left++] : from[right++]) ?? 0;
  }
  return passed;
}

/** Counts of ranks with prefix sums in O(log n). */
class FenwickTree {
  readonly #counts: Int32Array;

  constructor(size: number) {
    this.#counts = new Int32Array(size + 1);
  }

  add(rank: number): void {
    for (let node = rank + 1; node < this.#counts.length; node += node & -node) {
      this.#counts[node] = (this.#counts[node] ?? 0) + 1;
    }
  }

  /** How many ranks up to and including this one were added. */
  countUpTo(rank: number): number {
    let count = 0;
    for (let node = rank + 1; node > 0; node -= node & -node) count += this.#counts[node] ?? 0;
    return count;
  }
}
