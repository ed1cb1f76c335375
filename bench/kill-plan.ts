import { type Numbers, numberFrom, type ParsedOptions } from "./options.ts";

/** Text options of a flood whose server is killed. */
export const KILL_OPTIONS = {
  kills: "how often the server is killed and started again in one sale (1)",
  payments: "ways to pay that fail, in percent: decline=10,timeout=10",
  report: "file to write the figures to, as JSON",
  save: "file to write what came of all that was acknowledged to, with the versions, as JSON",
};

/** Beyond this, more kills show nothing more. */
const KILLS = { fallback: 1, min: 1, max: 1000 };
/** The last kill comes well before everything is sold. */
const KILLS_END_AT_SHARE = 0.8;
/** So long the server lives between two kills, as far as the line's rate decides it. */
const LIFE_SECONDS = 3;
/** Starting again and asking for what was acknowledged, on a busy machine; the line is slowed down where it takes longer. */
const DEATH_SECONDS = 12;
/** The run's bound: with others at work on its two cores a machine took 45 seconds from kill to kill. */
const KILL_LONGEST_SECONDS = 120;
/** Of what one life sells, so many times as much may be inside, to be bought at once when the server is back. */
const INSIDE_FACTOR = 2;
const INSIDE_MIN = 10;

/** What holds when the server dies once. */
const FALLBACKS = {
  shoppers: 2000,
  stock: 300,
  capacity: 200,
  // Arrivals last longer than the first half of the sale, so that the kill hits joins as well.
  seconds: 12,
  // Nobody loses their turn while the server is away, so that every place can be compared.
  "claim-seconds": 1800,
  "session-seconds": 1800,
} as const satisfies Partial<Numbers>;

/** How often the command line wants the server killed. Throws `UsageError`. */
export function killsOf({
  texts,
}: Pick<ParsedOptions<keyof typeof KILL_OPTIONS>, "texts">): number {
  return numberFrom("kills", texts.kills, KILLS);
}

/**
 * Defaults for so many kills of a sale with this stock: the line is as slow, and arrivals last as long, as it takes that
 * every life of the server sells something.
 */
export function fallbacksFor(kills: number, givenStock: number | null): Partial<Numbers> {
  if (kills === 1) return FALLBACKS;
  const stock = givenStock ?? FALLBACKS.stock;
  const inside = Math.max(INSIDE_MIN, Math.ceil((INSIDE_FACTOR * stock) / kills));
  return {
    ...FALLBACKS,
    capacity: Math.min(FALLBACKS.capacity, inside),
    seconds: Math.min(3600, Math.ceil((kills * LIFE_SECONDS) / 2)),
    rate: rateFor(KILLS_END_AT_SHARE * stock, kills, DEATH_SECONDS),
    "max-minutes": Math.max(10, Math.ceil((kills * KILL_LONGEST_SECONDS) / 60)),
  };
}

/**
 * How fast the line has to move, in shoppers a minute, so that what is left to be sold lasts for the kills that are left: a line
 * catches up after a death with what its rate would have let in meanwhile.
 */
export function rateFor(unitsLeft: number, killsLeft: number, secondsAway: number): number {
  const seconds = Math.max(1, killsLeft) * (secondsAway + LIFE_SECONDS);
  return Math.max(1, Math.floor((unitsLeft * 60) / seconds));
}

/** How many units are sold when the server dies for the `nth` time, from 1. */
export function soldAtKill(nth: number, kills: number, stock: number): number {
  return ((nth - 0.5) / kills) * KILLS_END_AT_SHARE * stock;
}
