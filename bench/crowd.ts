import type { Caller } from "./calls.ts";
import { seededRandom, type Random } from "./random.ts";
import { Shopper } from "./shopper.ts";
import type { ShopperRecord, VisitEnd } from "./shopper-record.ts";
import { visit, type VisitPlan } from "./visit.ts";

/** How a crowd behaves; percents are of all shoppers. */
export interface CrowdOptions {
  caller: Caller;
  saleId: string;
  sku: string;
  shoppers: number;
  /** Arrivals are spread evenly, with jitter, over this time. */
  arrivalSeconds: number;
  /** Of payments: answered with a decline. */
  declinePercent: number;
  /** Of payments: the provider times out at first. */
  timeoutPercent: number;
  /** Of holds: taken and never paid. */
  abandonPercent: number;
  doubleClickPercent: number;
  /** Mean pause between the pass and the purchase. */
  thinkMs: number;
  seed: number;
}

/** Where the crowd is at this moment. */
export interface CrowdCounts {
  joined: number;
  waiting: number;
  inside: number;
  held: number;
  bought: number;
  ended: number;
}

/** Streams of the seeded generator: shopper i uses stream i + 1, arrivals use this one. */
const ARRIVAL_STREAM = 0;

/** Many independent shoppers that share one `Caller`. */
export class Crowd {
  readonly shoppers: readonly Shopper[];
  readonly #options: CrowdOptions;

  constructor(options: CrowdOptions) {
    this.#options = options;
    const { caller, saleId, sku } = options;
    this.shoppers = Array.from(
      { length: options.shoppers },
      (_, index) => new Shopper({ caller, index, saleId, sku, quantity: 1 }),
    );
  }

  get records(): readonly ShopperRecord[] {
    return this.shoppers.map((shopper) => shopper.record);
  }

  /** Runs every visit to its end. */
  async run(): Promise<void> {
    const { arrivalSeconds, caller, seed, shoppers } = this.#options;
    const random = seededRandom(seed, ARRIVAL_STREAM);
    const startMs = caller.clock.nowMs();
    const gapMs = (arrivalSeconds * 1000) / shoppers;
    await Promise.all(
      this.shoppers.map((shopper, index) =>
        this.#arrive(shopper, startMs + (index + random()) * gapMs),
      ),
    );
  }

  counts(): CrowdCounts {
    const counts = { joined: 0, waiting: 0, inside: 0, held: 0, bought: 0, ended: 0 };
    for (const { record } of this.shoppers) {
      const place = record.places.at(-1);
      if (place !== undefined) counts.joined += 1;
      if (record.end === "bought") counts.bought += 1;
      if (record.end !== "visiting") counts.ended += 1;
      else if (record.holds.length > 0) counts.held += 1;
      else if (place !== undefined && place.passAtMs !== null) counts.inside += 1;
      else if (place !== undefined) counts.waiting += 1;
    }
    return counts;
  }

  async #arrive(shopper: Shopper, arrivalMs: number): Promise<void> {
    const { caller, seed } = this.#options;
    const random = seededRandom(seed, shopper.record.index + 1);
    const plan = this.#plan(shopper.record.index, random);
    await caller.clock.sleep(Math.max(0, arrivalMs - caller.clock.nowMs()));
    await visit(shopper, plan, { random, sleep: (ms) => caller.sleep(ms) });
  }

  #plan(index: number, random: Random): VisitPlan {
    const { declinePercent, timeoutPercent, abandonPercent, doubleClickPercent } = this.#options;
    const payment = random() * 100;
    const isDeclined = payment < declinePercent;
    const isLate = !isDeclined && payment < declinePercent + timeoutPercent;
    return {
      purchaseKey: `buy-${this.#options.saleId}-${index}`,
      paymentToken: isDeclined ? "tok_decline" : isLate ? "tok_timeout" : "tok_ok",
      abandons: random() * 100 < abandonPercent,
      doubleClicks: random() * 100 < doubleClickPercent,
      thinkMs: this.#options.thinkMs * (0.5 + random()),
    };
  }
}

/** How many visits ended each way. */
export function countEnds(records: readonly ShopperRecord[]): Partial<Record<VisitEnd, number>> {
  const counts: Partial<Record<VisitEnd, number>> = {};
  for (const { end } of records) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}
