import { sha256 } from "../sha256.ts";

/** What a number holds exactly: among ten thousand joins of one millisecond two agree once in five million times. */
const TIE_BYTES = 6;
const encoder = new TextEncoder();

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

interface Waiting<T> {
  join: T;
  stampMs: number;
  tie?: number;
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
  #waiting: Waiting<T>[] = [];

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
    due.sort(
      (a, b) =>
        a.stampMs - b.stampMs ||
        a.join.arrivedAtMs - b.join.arrivedAtMs ||
        this.#tieOf(a) - this.#tieOf(b),
    );
    const out = due.slice(0, limit);
    const gone = new Set(out);
    this.#waiting = this.#waiting.filter((entry) => !gone.has(entry));
    return out;
  }

  /** A keyed hash of the join's name, or as much of it as a number takes. */
  #tieOf(entry: Waiting<T>): number {
    const { lane, laneSeq } = entry.join;
    return (entry.tie ??= startOf(sha256(this.#tieKey, encoder.encode(`${lane}/${laneSeq}`))));
  }
}

/** The first bytes of a hash, as a number. */
function startOf(hash: Uint8Array): number {
  let start = 0;
  for (let at = 0; at < TIE_BYTES; at++) start = start * 256 + (hash[at] ?? 0);
  return start;
}
