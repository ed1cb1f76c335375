import { at } from "../at.ts";

/** Counts of ranks with prefix sums, each operation in O(log n). */
export class FenwickTree {
  readonly #counts: Int32Array;

  constructor(size: number) {
    this.#counts = new Int32Array(size + 1);
  }

  /** Counts this rank (from 0) once more, or `by` times; below 0 takes back. */
  add(rank: number, by = 1): void {
    for (let node = rank + 1; node < this.#counts.length; node += node & -node) {
      this.#counts[node] = at(this.#counts, node) + by;
    }
  }

  /** How many were counted at ranks up to and including this one; -1 is before the first. */
  countUpTo(rank: number): number {
    let count = 0;
    for (let node = rank + 1; node > 0; node -= node & -node) count += at(this.#counts, node);
    return count;
  }
}
