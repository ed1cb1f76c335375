/** Numbers in a row that grows: eight bytes each, where a list of JavaScript's own may take three times that. */
export class Numbers {
  #values = new Float64Array(64);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow(this.length + 1);
    this.#values[this.length] = value;
    this.length += 1;
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

  /** The values, to be read until the next one is written. */
  view(): Float64Array {
    return this.#values.subarray(0, this.length);
  }

  #grow(length: number): void {
    const grown = new Float64Array(Math.max(length, 2 * this.#values.length));
    grown.set(this.#values);
    this.#values = grown;
  }
}
