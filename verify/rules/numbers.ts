/** How far a number has come. */
export const WAITING = 0;
/** Invited, and has not asked. */
export const SILENT = 1;
export const ASKING = 2;
export const INSIDE = 3;
export const LAPSED = 4;
export const OVER = 5;

const FIRST_NUMBERS = 1024;

/** Every number's way, by the entries so far. */
export class Numbers {
  #stage = new Uint8Array(FIRST_NUMBERS);
  #endedAtMs = new Float64Array(FIRST_NUMBERS);

  stage(number: number): number {
    return this.#stage[number] ?? WAITING;
  }

  /** When the turn ended or lapsed; `null` while it has not. */
  endedAtMs(number: number): number | null {
    return this.#endedAtMs[number] || null;
  }

  move(number: number, stage: number, atMs: number): void {
    if (number >= this.#stage.length) this.#grow(number);
    this.#stage[number] = stage;
    if (stage >= LAPSED) this.#endedAtMs[number] ||= atMs;
  }

  #grow(number: number): void {
    const length = 2 ** Math.ceil(Math.log2(number + 1));
    const [stage, endedAtMs] = [new Uint8Array(length), new Float64Array(length)];
    stage.set(this.#stage);
    endedAtMs.set(this.#endedAtMs);
    [this.#stage, this.#endedAtMs] = [stage, endedAtMs];
  }
}

/** Numbers of which the lowest is asked for. What was put in can only be taken out at the bottom. */
export class Lowest {
  readonly #heap: number[] = [];

  add(number: number): void {
    const heap = this.#heap;
    let at = heap.push(number) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] ?? 0;
      if (above <= number) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = number;
  }

  /** The lowest number that `stands`; those below it that do not are forgotten. */
  lowest(stands: (number: number) => boolean): number | null {
    for (let least = this.#heap[0]; least !== undefined; least = this.#heap[0]) {
      if (stands(least)) return least;
      this.#drop();
    }
    return null;
  }

  #drop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = (heap[left + 1] ?? Infinity) < (heap[left] ?? Infinity) ? left + 1 : left;
      const below = heap[child];
      if (below === undefined || below >= last) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}
