import { type Arrival, type ArrivalPhase, type BotPlan, drawArrivals } from "./arrivals.ts";
import { atOnce } from "./at-once.ts";
import type { Caller } from "./calls.ts";
import { type OpenSocket, openWebSocket } from "./live-link.ts";
import { drawPayments, type PaymentMix } from "./payments.ts";
import { seededRandom, type Random } from "../domain/random.ts";
import { Shopper } from "./shopper.ts";
import type { ShopperRecord, VisitEnd } from "./shopper-record.ts";
import { visit, type VisitPlan } from "./visit.ts";

/** How a crowd behaves; percents are of all shoppers. */
export interface CrowdPlan {
  arrivals: readonly ArrivalPhase[];
  bots: BotPlan;
  /** Everyone but the bots has a guest token before the first one arrives: their page was open. */
  tokensFirst: boolean;
  /** Of shoppers who are no bots: they never look again after the join. */
  closeTabPercent: number;
  /** Of shoppers: they wait by a socket, as pages do; the rest wait by polls alone. */
  socketPercent: number;
  /** Everyone who is let in stays exactly this long and leaves without buying; null: they buy. */
  serviceMs: number | null;
  /** How they pay. */
  payments: PaymentMix;
  /** Of cards that were declined: followed by another, up to the limit; the rest cancel. */
  retryPercent: number;
  /** Of those who hold a unit: half leave before they pay, half while the payment runs. */
  walkAwayPercent: number;
  /** Of those who are refused because all is held: they wait on the item's list. */
  listPercent: number;
  doubleClickPercent: number;
  /** Mean pause between the pass and the purchase. */
  thinkMs: number;
}

/** The plan, and where and with what it is carried out. */
export interface CrowdOptions extends CrowdPlan {
  caller: Caller;
  saleId: string;
  sku: string;
  seed: number;
  /** Real sockets when left out. */
  openSocket?: OpenSocket;
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
/** No shopper uses this one either. */
const BOT_STREAM = -3;
/** Guest tokens taken at the same time before the first arrival. */
const TOKENS_AT_ONCE = 64;
/** A crowd without bots. */
export const NO_BOTS: BotPlan = { percent: 0, joins: 1, pauseMs: 0 };

/** Many independent shoppers that share one `Caller`. */
export class Crowd {
  readonly shoppers: readonly Shopper[];
  readonly #options: CrowdOptions;
  /** Who arrives, each with the guests they are. */
  readonly #arrivals: readonly { arrival: Arrival; guests: Shopper[] }[];
  #startMs = Number.POSITIVE_INFINITY;

  constructor(options: CrowdOptions) {
    this.#options = options;
    const { arrivals, bots, caller, saleId, seed, sku } = options;
    const [arrivalRandom, botRandom] = [
      seededRandom(seed, ARRIVAL_STREAM),
      seededRandom(seed, BOT_STREAM),
    ];
    let index = 0;
    this.#arrivals = drawArrivals(arrivals, bots, arrivalRandom, botRandom).map((arrival) => {
      const guest = (): Shopper =>
        new Shopper({ caller, index: index++, saleId, sku, quantity: 1 });
      return { arrival, guests: Array.from({ length: arrival.guests }, guest) };
    });
    this.shoppers = this.#arrivals.flatMap(({ guests }) => guests);
  }

  get records(): readonly ShopperRecord[] {
    return this.shoppers.map((shopper) => shopper.record);
  }

  /** When the arrivals began, by the caller's clock; infinite before. */
  get startMs(): number {
    return this.#startMs;
  }

  /** Runs every visit to its end. */
  async run(): Promise<void> {
    if (this.#options.tokensFirst) await this.#takeTokens();
    this.#startMs = this.#options.caller.clock.nowMs();
    await Promise.all(this.#arrivals.map(({ arrival, guests }) => this.#arrive(arrival, guests)));
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

  async #takeTokens(): Promise<void> {
    const people = this.#arrivals.flatMap(({ arrival, guests }) => (arrival.isBot ? [] : guests));
    await atOnce(TOKENS_AT_ONCE, people, (shopper) => shopper.guest());
  }

  async #arrive({ afterMs, isBot }: Arrival, guests: readonly Shopper[]): Promise<void> {
    const { bots, caller, openSocket = openWebSocket, seed } = this.#options;
    await caller.clock.sleep(Math.max(0, this.#startMs + afterMs - caller.clock.nowMs()));
    for (const [turn, shopper] of guests.entries()) {
      if (turn > 0) await caller.clock.sleep(bots.pauseMs);
      const random = seededRandom(seed, shopper.record.index + 1);
      const plan = this.#plan(shopper.record.index, random);
      if (isBot) plan.staysAway = true;
      await visit(shopper, plan, {
        random,
        openSocket,
        nowMs: () => caller.clock.nowMs(),
        sleep: (ms, signal) => caller.sleep(ms, signal),
      });
    }
  }

  #plan(index: number, random: Random): VisitPlan {
    const { payments, retryPercent, walkAwayPercent, doubleClickPercent } = this.#options;
    const { closeTabPercent, listPercent, serviceMs, socketPercent } = this.#options;
    const walk = random() * 100;
    return {
      purchaseKey: `buy-${this.#options.saleId}-${index}`,
      payments: drawPayments(payments, retryPercent, random),
      walksAway:
        walk < walkAwayPercent / 2 ? "before" : walk < walkAwayPercent ? "while_paying" : "never",
      doubleClicks: random() * 100 < doubleClickPercent,
      thinkMs: serviceMs ?? this.#options.thinkMs * (0.5 + random()),
      staysAway: random() * 100 < closeTabPercent,
      onlyBrowses: serviceMs !== null,
      usesSocket: random() * 100 < socketPercent,
      usesList: random() * 100 < listPercent,
    };
  }
}

/** How many visits ended each way. */
export function countEnds(records: readonly ShopperRecord[]): Partial<Record<VisitEnd, number>> {
  const counts: Partial<Record<VisitEnd, number>> = {};
  for (const { end } of records) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}
