/** Buckets to a doubling: what is read from them is at most a fifth too long. */
const BUCKETS_A_DOUBLING = 4;
/** The last one begins at about a day; whatever is longer is in it. */
const BUCKETS_MAX = 27 * BUCKETS_A_DOUBLING;

/** How long something took, so many times. Percentiles are the ends of their buckets. */
export interface DelayFigures {
  events: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** Counts delays in a bounded space, by their logarithm. */
export class Delays {
  readonly #counts = new Uint32Array(BUCKETS_MAX + 1);
  #events = 0;
  #maxMs = 0;

  /** Counts one; a clock that was set back counts as no delay. */
  add(delayMs: number): void {
    const boundedMs = Math.max(0, delayMs);
    const bucket = Math.ceil(Math.log2(Math.max(1, boundedMs)) * BUCKETS_A_DOUBLING);
    const at = Math.min(bucket, BUCKETS_MAX);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#events += 1;
    this.#maxMs = Math.max(this.#maxMs, boundedMs);
  }

  figures(): DelayFigures {
    const maxMs = this.#maxMs;
    return {
      events: this.#events,
      p50Ms: this.#percentile(0.5),
      p99Ms: this.#percentile(0.99),
      maxMs,
    };
  }

  #percentile(share: number): number {
    let left = Math.ceil(share * this.#events);
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return Math.min(this.#maxMs, Math.round(2 ** (bucket / BUCKETS_A_DOUBLING)));
    }
    return this.#maxMs;
  }
}
