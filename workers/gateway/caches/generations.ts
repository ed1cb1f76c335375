/**
 * The last values that were put, some thousands, by key. In two generations: to look for the oldest of so many in one map costs more
 * than what is remembered saves, since it walks over all that were deleted before.
 */
export class Generations<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  readonly #generationMax: number;

  /** At least half of `valuesMax` are remembered, and never more than `valuesMax`. */
  constructor(valuesMax: number) {
    this.#generationMax = valuesMax / 2;
  }

  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  put(key: string, value: Value): void {
    if (this.#young.size >= this.#generationMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
