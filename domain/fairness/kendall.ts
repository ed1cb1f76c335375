import { at } from "../at.ts";

/** Kendall's distance between two orders, and what it is made of. */
export interface KendallDistance {
  /** Pairs of which one comes strictly earlier by the values and yet strictly later in the list. */
  discordant: number;
  /** Pairs that have an order by both: their values differ. */
  pairs: number;
  /**
   * `discordant / pairs`: 0 is the exact order, 1 the reverse; 0 of no pairs. A tie is nobody's fault and
   * nobody's merit, so it stands neither above nor below the line (Goodman and Kruskal's gamma is
   * 1 - 2 x this; without ties that is Kendall's tau).
   */
  tau: number;
}

/** Compares the order of a list with that of its values, such as arrivals by number; O(n log n). */
export function kendallDistance(values: Float64Array): KendallDistance {
  const { discordant, sorted } = countInversions(values);
  const pairs = pairsAmong(values.length) - tiedPairs(sorted);
  return { discordant, pairs, tau: pairs === 0 ? 0 : discordant / pairs };
}

function pairsAmong(count: number): number {
  return (count * Math.max(count - 1, 0)) / 2;
}

function tiedPairs(sorted: Float64Array): number {
  let pairs = 0;
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (end < sorted.length && sorted[end] === sorted[start]) end += 1;
    pairs += pairsAmong(end - start);
  }
  return pairs;
}

/** Counts pairs i < j with a greater value at i, by merge sort; equal values are in order. */
function countInversions(values: Float64Array): { discordant: number; sorted: Float64Array } {
  let from = values.slice();
  let into = new Float64Array(from.length);
  let discordant = 0;
  for (let width = 1; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      discordant += merge(from, into, start, middle, Math.min(middle + width, from.length));
    }
    [from, into] = [into, from];
  }
  return { discordant, sorted: from };
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
    const takeLeft = left < middle && (right >= end || at(from, left) <= at(from, right));
    if (!takeLeft) passed += middle - left;
    into[target] = at(from, takeLeft ? left++ : right++);
  }
  return passed;
}
