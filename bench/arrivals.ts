import type { Random } from "../domain/random.ts";

/** A time in which shoppers arrive evenly, with jitter. */
export interface ArrivalPhase {
  /** From the beginning of the run. */
  afterSeconds: number;
  seconds: number;
  shoppers: number;
}

/** Bots without memory: each joins, forgets it, and joins again as a new guest. */
export interface BotPlan {
  /** Of all who arrive. */
  percent: number;
  /** Guests that each bot is, one after the other. */
  joins: number;
  /** Between an answer and the next guest. */
  pauseMs: number;
}

/** Someone who arrives: one guest, or a bot that is several. */
export interface Arrival {
  /** From the beginning of the run. */
  afterMs: number;
  isBot: boolean;
  guests: number;
}

/** Draws who arrives when. The two streams are apart, so that bots move nobody's arrival. */
export function drawArrivals(
  phases: readonly ArrivalPhase[],
  bots: BotPlan,
  arrivalRandom: Random,
  botRandom: Random,
): Arrival[] {
  return phases.flatMap(({ afterSeconds, seconds, shoppers }) =>
    Array.from({ length: shoppers }, (_, index) => {
      const gapMs = (seconds * 1000) / shoppers;
      const afterMs = afterSeconds * 1000 + (index + arrivalRandom()) * gapMs;
      const isBot = botRandom() * 100 < bots.percent;
      return { afterMs, isBot, guests: isBot ? bots.joins : 1 };
    }),
  );
}
