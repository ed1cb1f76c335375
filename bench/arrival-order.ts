import { FenwickTree } from "../domain/fairness/fenwick-tree.ts";
import { ranks } from "./ranks.ts";

/** How well the numbers that were given keep the order in which shoppers came. */

/** When everyone came, in the order of their numbers, by any one clock. */
export function arrivalsByNumber(
  places: readonly { number: number; arrivedAtMs: number }[],
): Float64Array {
  const byNumber = places.toSorted((a, b) => a.number - b.number || a.arrivedAtMs - b.arrivedAtMs);
  return Float64Array.from(byNumber, ({ arrivedAtMs }) => arrivedAtMs);
}

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
