/** A place as the order of arrival is judged: when its shopper came, by any one clock. */
export interface ArrivedPlace {
  number: number;
  arrivedAtMs: number;
}

/** Kendall's distance between the order of arrival and the numbers. */
export interface KendallDistance {
  /** Pairs in which the one who came strictly later has the strictly smaller number. */
  discordantPairs: number;
  /** Pairs that have an order at all: neither the arrivals nor the numbers are equal. */
  comparablePairs: number;
  /**
   * `discordantPairs / comparablePairs`: 0 is the exact order, 1 the reverse. A tie is nobody's
   * fault and nobody's merit, so it stands neither above nor below the line (Goodman and
   * Kruskal's gamma is 1 - 2 x this; without ties that is Kendall's tau).
   */
  distance: number;
}

/** Compares numbers with the order of arrival; merge sort, O(n log n). */
export function kendallDistance(places: readonly ArrivedPlace[]): KendallDistance {
  // Numbers ascend inside a tie of arrivals, so that none of its pairs is an inversion.
  const sorted = places.toSorted((a, b) => a.arrivedAtMs - b.arrivedAtMs || a.number - b.number);
  const discordantPairs = countInversions(sorted.map((place) => place.number));
  const comparablePairs =
    pairsAmong(places.length) -
    tiedPairs(places.map((place) => `${place.arrivedAtMs}`)) -
    tiedPairs(places.map((place) => `${place.number}`)) +
    tiedPairs(places.map((place) => `${place.arrivedAtMs} ${place.number}`));
  const distance = comparablePairs === 0 ? 0 : discordantPairs / comparablePairs;
  return { discordantPairs, comparablePairs, distance };
}

function pairsAmong(count: number): number {
  return (count * (count - 1)) / 2;
}

function tiedPairs(keys: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  let pairs = 0;
  for (const count of counts.values()) pairs += pairsAmong(count);
  return pairs;
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
