import { Numbers } from "./numbers.ts";

/** Hex digits of a binding that tell shoppers apart: 52 bits, of which a million meet once in ten thousand sales. */
const BINDING_DIGITS = 13;

/** Who joined, by index from 1 (where no places are drawn that is the number). */
export class Arrivals {
  readonly #arrivedAtMs = new Numbers();
  /** The beginning of each binding; 0 where there is none. */
  readonly #bindings = new Numbers();
  #outOfTurn = 0;

  get joined(): number {
    return this.#arrivedAtMs.length;
  }

  /** Joins whose number or index was not the next. */
  get outOfTurn(): number {
    return this.#outOfTurn;
  }

  /** When everyone came, in the order of their indexes. */
  get atMs(): Float64Array {
    return this.#arrivedAtMs.view();
  }

  arrivedAtMs(index: number): number {
    return this.#arrivedAtMs.at(index - 1);
  }

  add(index: number, arrivedAtMs: number, binding: string): void {
    if (index !== this.joined + 1) this.#outOfTurn += 1;
    if (index <= this.joined) return;
    this.#arrivedAtMs.set(index - 1, arrivedAtMs);
    this.#bindings.set(index - 1, Number.parseInt(binding.slice(0, BINDING_DIGITS), 16) || 0);
  }

  /** How many places that stand are beside another one of the same shopper that stands. */
  doubles(stands: (index: number) => boolean): number {
    const standing = new Numbers();
    for (const [offset, binding] of this.#bindings.view().entries())
      if (binding !== 0 && stands(offset + 1)) standing.push(binding);
    const sorted = standing.view().toSorted();
    let doubles = 0;
    for (let at = 1; at < sorted.length; at++) if (sorted[at] === sorted[at - 1]) doubles += 1;
    return doubles;
  }
}
