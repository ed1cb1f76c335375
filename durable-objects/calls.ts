/** Counts what an object served since it woke, by kind: the proof of which calls reach it. */
export class Calls {
  readonly #counts: Record<string, number> = {};

  count(kind: string, by = 1): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + by;
  }

  snapshot(): Record<string, number> {
    return { ...this.#counts };
  }
}
