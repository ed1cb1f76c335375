import { at } from "../at.ts";
import type { Random } from "../random.ts";

/*
 * What the market leader's waiting room does, simulated as it documents it, so that its order can be put
 * beside ours. A visitor's cookie tells the minute in which they arrived. The bucket of the oldest minute
 * goes first, until it is empty; inside a bucket nobody is before anybody: the page reloads itself every
 * 20 seconds, and whoever reloads when a slot is free is let in.
 *
 * Sources: developers.cloudflare.com/waiting-room, "Waiting Room cookie" and "Troubleshooting";
 * blog.cloudflare.com/how-waiting-room-queues.
 */

const BUCKET_MS = 60_000;
/** How often a visitor's page reloads itself … */
export const REFRESH_MS = 20_000;
/** … give or take this share: loading a page takes its time. */
const JITTER_SHARE = 0.1;

/**
 * The order in which shoppers would be let in: positions in `arrivalsMs`, which rises. The `slotsMs`, rising
 * too, say when room for one more comes free. Who is not let in by the last slot is left out.
 */
export function minuteBucketOrder(
  arrivalsMs: Float64Array,
  slotsMs: Float64Array,
  random: Random,
): number[] {
  const order: number[] = [];
  let emptiedAtMs = -Infinity;
  for (let from = 0, to = 0; from < arrivalsMs.length && order.length < slotsMs.length; from = to) {
    const bucket = minuteOf(arrivalsMs, from);
    while (to < arrivalsMs.length && minuteOf(arrivalsMs, to) === bucket) to += 1;
    const looks = new Looks(arrivalsMs, from, to);
    emptiedAtMs = drain(looks, slotsMs, emptiedAtMs, random, order);
  }
  return order;
}

/** Reloads that the simulation comes to at most, which is what it costs: all reload until the last slot. */
export function reloadsOf(arrivalsMs: Float64Array, slotsMs: Float64Array): number {
  const [firstMs, lastMs] = [slotsMs[0] ?? 0, slotsMs.at(-1) ?? 0];
  const waitMs = (atMs: number): number => Math.max(0, lastMs - Math.max(atMs, firstMs));
  return Math.ceil(arrivalsMs.reduce((sum, atMs) => sum + waitMs(atMs), 0) / REFRESH_MS);
}

/**
 * Lets everyone of a bucket in, in the order of the reloads that find a slot, once the buckets before it are
 * empty; when the last of them was let in.
 */
function drain(
  looks: Looks,
  slotsMs: Float64Array,
  fromMs: number,
  random: Random,
  order: number[],
): number {
  let admittedAtMs = fromMs;
  while (looks.size > 0 && order.length < slotsMs.length) {
    const slotMs = Math.max(slotsMs[order.length] ?? 0, fromMs);
    if (looks.nextMs >= slotMs) {
      admittedAtMs = looks.nextMs;
      order.push(looks.take());
    } else {
      // While no slot is there for long, the reloads in between are left out.
      const idle = Math.max(0, Math.floor((slotMs - looks.nextMs) / REFRESH_MS) - 1);
      looks.postpone(REFRESH_MS * (idle + 1 + JITTER_SHARE * (2 * random() - 1)));
    }
  }
  return admittedAtMs;
}

function minuteOf(arrivalsMs: Float64Array, position: number): number {
  return Math.floor(at(arrivalsMs, position) / BUCKET_MS);
}

/** Whose page reloads when: a binary heap, the next one at its top. */
class Looks {
  readonly #atMs: Float64Array;
  readonly #who: Int32Array;
  size: number;

  /** Of those who came from one position to another: the first look is the arrival, and these rise. */
  constructor(arrivalsMs: Float64Array, from: number, to: number) {
    this.#atMs = arrivalsMs.slice(from, to);
    this.#who = Int32Array.from({ length: to - from }, (_, offset) => from + offset);
    this.size = to - from;
  }

  get nextMs(): number {
    return at(this.#atMs, 0);
  }

  /** Takes out whoever is next. */
  take(): number {
    const taken = at(this.#who, 0);
    this.size -= 1;
    this.#sink(at(this.#atMs, this.size), at(this.#who, this.size));
    return taken;
  }

  /** Whoever is next looks again after so long. */
  postpone(byMs: number): void {
    this.#sink(this.nextMs + byMs, at(this.#who, 0));
  }

  /** Puts somebody where the top is, and then where they belong. */
  #sink(atMs: number, who: number): void {
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && at(this.#atMs, child + 1) < at(this.#atMs, child)) child += 1;
      const childMs = at(this.#atMs, child);
      if (childMs >= atMs) break;
      this.#atMs[hole] = childMs;
      this.#who[hole] = at(this.#who, child);
      hole = child;
    }
    this.#atMs[hole] = atMs;
    this.#who[hole] = who;
  }
}
