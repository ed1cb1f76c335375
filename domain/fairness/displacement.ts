import { at } from "../at.ts";

/** How far everyone in a list is from where their value belongs, in the order of the list. */
export interface Displacements {
  /** Places between where somebody stands and the nearest place that their value deserves. */
  places: Uint32Array;
  /** Between somebody's value and the one that their place belongs to. */
  values: Float64Array;
}

/**
 * Compares where everyone stands with where they would by their values, such as arrivals by number, in
 * either direction. O(n log n).
 */
export function displacementsOf(values: Float64Array): Displacements {
  const sorted = values.toSorted();
  const apart = values.map((value, rank) => Math.abs((sorted[rank] ?? value) - value));
  return { places: displacedPlaces(values, sorted), values: apart };
}

/**
 * The same in places alone; `sorted` are the values in order. Equal values deserve a run of places: whoever
 * stands inside it is not displaced.
 */
export function displacedPlaces(values: Float64Array, sorted: Float64Array): Uint32Array {
  const places = new Uint32Array(values.length);
  for (const [rank, value] of values.entries()) {
    const owner = sorted[rank] ?? value;
    // Who stands before the run of their value deserves its first place, and who stands behind it its last.
    if (owner < value) places[rank] = countBelow(sorted, value) - rank;
    if (owner > value) places[rank] = rank - countUpTo(sorted, value) + 1;
  }
  return places;
}

/** How many of the sorted values are below this one. */
function countBelow(sorted: Float64Array, value: number): number {
  return firstWhere(sorted, (known) => known >= value);
}

/** How many of the sorted values are at most this one. */
function countUpTo(sorted: Float64Array, value: number): number {
  return firstWhere(sorted, (known) => known > value);
}

function firstWhere(sorted: Float64Array, isBeyond: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBeyond(at(sorted, middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}
