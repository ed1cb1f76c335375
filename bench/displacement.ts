import type { ArrivedPlace } from "./kendall.ts";

/** How far one number is from where its shopper's arrival belongs, in either direction. */
export interface Displacement {
  /** Places between the number and the nearest place that the arrival deserves. */
  places: number;
  /** Between the shopper's arrival and the arrival that this place belongs to. */
  ms: number;
}

/**
 * Ranks the places by number and by arrival and compares. Equal arrivals deserve a run of places:
 * whoever stands inside it is not displaced. Gaps in the numbers do not count. Numbers have to be
 * unique. In the order of the numbers; O(n log n).
 */
export function displacements(places: readonly ArrivedPlace[]): Displacement[] {
  const arrivals = places.map((place) => place.arrivedAtMs).toSorted((a, b) => a - b);
  const deserved = runsOf(arrivals);
  const byNumber = places.toSorted((a, b) => a.number - b.number);
  return byNumber.map(({ arrivedAtMs }, rank) => {
    const { first, last } = deserved.get(arrivedAtMs) ?? { first: rank, last: rank };
    const ms = Math.abs((arrivals[rank] ?? arrivedAtMs) - arrivedAtMs);
    return { places: Math.max(first - rank, rank - last, 0), ms };
  });
}

/** First and last rank of every value in a sorted list. */
function runsOf(sorted: readonly number[]): Map<number, { first: number; last: number }> {
  const runs = new Map<number, { first: number; last: number }>();
  for (const [rank, value] of sorted.entries()) {
    const run = runs.get(value);
    if (run === undefined) runs.set(value, { first: rank, last: rank });
    else run.last = rank;
  }
  return runs;
}
