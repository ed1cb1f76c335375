/** How a number is kept: any, in eight bytes, or a whole one from 0 below 2 to the power of 32, in four. */
export type NumberKind = "any" | "whole";

/** Numbers in a row that grows, in far fewer bytes than a list takes. */
export class Numbers {
  readonly #kind: NumberKind;
  #values: Float64Array | Uint32Array;
  length = 0;

  constructor(kind: NumberKind = "any") {
    this.#kind = kind;
    this.#values = this.#make(64);
  }

  push(value: number): void {
    this.set(this.length, value);
  }

  /** The value at an index; 0 beyond the end. */
  at(index: number): number {
    return index < this.length ? (this.#values[index] ?? 0) : 0;
  }

  /** Writes a value; what lies between the end and it becomes 0. */
  set(index: number, value: number): void {
    if (index >= this.#values.length) this.#grow(index + 1);
    this.#values[index] = value;
    this.length = Math.max(this.length, index + 1);
  }

  /** The values, to be read until the next one is written; whole ones are copied. */
  view(): Float64Array {
    const used = this.#values.subarray(0, this.length);
    return used instanceof Float64Array ? used : new Float64Array(used);
  }

  #grow(length: number): void {
    const grown = this.#make(Math.max(length, 2 * this.#values.length));
    grown.set(this.#values);
    this.#values = grown;
  }

  #make(length: number): Float64Array | Uint32Array {
    return this.#kind === "any" ? new Float64Array(length) : new Uint32Array(length);
  }
}
