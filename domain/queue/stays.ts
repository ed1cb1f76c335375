import { at } from "../at.ts";

/*
 * How long shoppers stay inside, from those who have gone and from those who are still there. A room of
 * fixed size empties as fast as its shoppers stay briefly (Little's law), so this tells how fast a line
 * moves that is bound by its capacity, from the first departures on.
 *
 * By class of length, the hazard of going is how many went in it over how long all have spent in it, also
 * those who have not gone yet (piecewise exponential): without them the first to go would pass for all.
 */

/** Classes of length begin here, in milliseconds: half an hour and more is one. */
const LENGTHS_MS = [
  0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000, 1_024_000,
] as const;
/** With fewer departures than this nobody knows how long they stay. */
const GONE_MIN = 5;
/** The share of what was learned that goes in this time. */
const FORGET_MS = 600_000;
/** Shorter sums are nothing. */
const PRECISION = 1_000;

/** What was seen of those who have gone. */
export interface Stays {
  /** How many went, by class. */
  gone: readonly number[];
  /** How long they were in each class, in seconds. */
  spent: readonly number[];
  /** The sums of their lengths, in seconds, and of the squares. */
  sum: number;
  squares: number;
}

/** A line in which nobody has been. */
export const EMPTY_STAYS: Stays = {
  gone: LENGTHS_MS.map(() => 0),
  spent: LENGTHS_MS.map(() => 0),
  sum: 0,
  squares: 0,
};

/** How long a stay is, and how sure that is. */
export interface StayLength {
  meanSeconds: number;
  /** The standard deviation of one stay as a share of the mean. */
  spread: number;
  /** From so many stays. */
  known: number;
}

/** Counts a stay that is over. */
export function countStay(stays: Stays, lengthMs: number): Stays {
  const seconds = Math.max(lengthMs, 0) / 1_000;
  const gone = [...stays.gone];
  const index = Math.max(
    LENGTHS_MS.findLastIndex((fromMs) => lengthMs >= fromMs),
    0,
  );
  gone[index] = rounded((gone[index] ?? 0) + 1);
  return {
    gone,
    spent: addSpent(stays.spent, seconds),
    sum: rounded(stays.sum + seconds),
    squares: rounded(stays.squares + seconds ** 2),
  };
}

/** Forgets a little of what was seen: crowds change. */
export function forgetStays(stays: Stays, dtMs: number): Stays {
  const kept = Math.max(0, 1 - dtMs / FORGET_MS);
  return {
    gone: stays.gone.map((count) => rounded(count * kept)),
    spent: stays.spent.map((seconds) => rounded(seconds * kept)),
    sum: rounded(stays.sum * kept),
    squares: rounded(stays.squares * kept),
  };
}

/** How long shoppers stay; `null` while nobody can know. `insideMs`: how long those inside have been. */
export function stayLength(stays: Stays, insideMs: readonly number[]): StayLength | null {
  const known = stays.gone.reduce((sum, count) => sum + count, 0);
  if (known < GONE_MIN) return null;
  let spent = stays.spent;
  for (const ms of insideMs) spent = addSpent(spent, Math.max(ms, 0) / 1_000);
  const mean = stays.sum / known;
  const variance = Math.max(stays.squares / known - mean ** 2, 0);
  // Where all were gone at once there is nothing to differ by.
  const spread = mean > 0 ? Math.sqrt(variance) / mean : 0;
  return { meanSeconds: meanOf(stays.gone, spent), spread, known };
}

/** The mean of the survival curve. Behind the longest stay that is over, hazards stay as they were. */
function meanOf(gone: readonly number[], spent: readonly number[]): number {
  const last = gone.findLastIndex((count) => count > 0);
  let staying = 1;
  let mean = 0;
  for (let index = 0; index <= last; index++) {
    const hazard = (gone[index] ?? 0) / Math.max(spent[index] ?? 0, 1 / PRECISION);
    const isLast = index === last;
    const seconds = isLast ? Infinity : secondsOf(index);
    const still = hazard === 0 ? 1 : Math.exp(-hazard * seconds);
    mean += staying * (hazard === 0 ? seconds : (1 - still) / hazard);
    staying *= still;
  }
  return mean;
}

function addSpent(spent: readonly number[], seconds: number): number[] {
  return spent.map((sum, index) => {
    const from = at(LENGTHS_MS, index) / 1_000;
    return rounded(sum + Math.min(Math.max(seconds - from, 0), secondsOf(index)));
  });
}

function secondsOf(index: number): number {
  return ((LENGTHS_MS[index + 1] ?? Infinity) - at(LENGTHS_MS, index)) / 1_000;
}

function rounded(value: number): number {
  return Math.round(value * PRECISION) / PRECISION;
}
