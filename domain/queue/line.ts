import { hmacSha256 } from "../hash.ts";

/** A join on its way to a number. `laneSeq` is the lane's own count; lane and laneSeq name the join. */
export interface Join {
  lane: number;
  laneSeq: number;
  /** Arrival as stamped by the gateway. */
  arrivedAtMs: number;
}

/** A numbered join. Numbers start at 1 and never change. */
export interface Place extends Join {
  number: number;
}

/**
 * Holds joins back for a short window and lets them out in the order of their arrival stamps, so that
 * the distance to this object does not decide a place.
 *
 * Stamps are clamped to `[received - window, received]`. A join let out at time t has a stamp below
 * `t - window`, and no join received at t or later can be clamped to that: the order is final. With a
 * window of 0 nothing is held back, and what counts is the moment of receipt.
 * Joins that came too late for the window, all at once after an outage, keep their order among
 * themselves. Ties are broken by a keyed hash, so that nobody gains by choosing a lane.
 */
export class ReorderBuffer<T extends Join> {
  readonly #windowMs: number;
  readonly #tieKey: Uint8Array;
  #waiting: { join: T; stampMs: number }[] = [];

  constructor(windowMs: number, tieKey: Uint8Array) {
    this.#windowMs = windowMs;
    this.#tieKey = tieKey;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Takes a join in. */
  add(join: T, receivedAtMs: number): void {
    const stampMs = Math.min(
      receivedAtMs,
      Math.max(receivedAtMs - this.#windowMs, join.arrivedAtMs),
    );
    this.#waiting.push({ join, stampMs });
  }

  /** Lets out at most `limit` joins whose window has closed, in order. */
  release(nowMs: number, limit: number): { join: T; stampMs: number }[] {
    const dueBeforeMs = this.#windowMs === 0 ? Infinity : nowMs - this.#windowMs;
    const due = this.#waiting.filter((entry) => entry.stampMs < dueBeforeMs);
    if (due.length === 0) return [];
    const tie = new Map<T, string>();
    const tieOf = (join: T): string => {
      const known = tie.get(join);
      if (known !== undefined) return known;
      const text = Buffer.from(hmacSha256(this.#tieKey, `${join.lane}/${join.laneSeq}`)).toString(
        "hex",
      );
      tie.set(join, text);
      return text;
    };
    due.sort(
      (a, b) =>
        a.stampMs - b.stampMs ||
        a.join.arrivedAtMs - b.join.arrivedAtMs ||
        (tieOf(a.join) < tieOf(b.join) ? -1 : 1),
    );
    const out = due.slice(0, limit);
    const gone = new Set(out.map((entry) => entry.join));
    this.#waiting = this.#waiting.filter((entry) => !gone.has(entry.join));
    return out;
  }
}
