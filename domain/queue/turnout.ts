import { at } from "../at.ts";

/*
 * How those who are invited come: learned from those who were, by the age of their invitation. Who has
 * not come after some seconds is less and less likely to, long before the invitation lapses; places are
 * not kept free for them.
 *
 * For each class of age the rate of coming is what came in it over how long invitations waited in it
 * (the piecewise exponential model of survival analysis): invitations that are still open count as well,
 * so that nobody has to lapse before anything is learned. It decides how far to invite ahead, and nothing
 * else: who comes late is served all the same, and capacity is judged when somebody claims.
 */

/** Classes of age begin here, in milliseconds. */
export const AGES_MS = [0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000] as const;
/** Whoever has been silent for longer than this is not expected any more. */
export const SILENT_MAX_MS = 128_000;
/**
 * Before anything is known: the chance, at the beginning of each class, that a silent one still comes.
 * Pages at the head of a line look every second, and at once when a socket tells them.
 */
const PRIOR_COMING = [0.999, 0.9, 0.8, 0.5, 0.3, 0.15, 0.08, 0.03];
/** What is known before counts like so many invitations that went through a class. */
const PRIOR_INVITATIONS = 5;
/** The share of what was learned that goes in this time: a crowd may change its habits. */
const FORGET_MS = 120_000;
/** Three digits are enough, and keep the row short. */
const PRECISION = 1_000;

/** What was seen, by class of age. */
export interface Turnout {
  /** Who came. */
  came: readonly number[];
  /** For how long invitations were open, in seconds: ten for a second are ten. */
  waited: readonly number[];
}

/** A line that has invited nobody. */
export const EMPTY_TURNOUT: Turnout = {
  came: AGES_MS.map(() => 0),
  waited: AGES_MS.map(() => 0),
};

/** The class of an age in milliseconds. */
export function ageClass(ageMs: number): number {
  const index = AGES_MS.findLastIndex((fromMs) => ageMs >= fromMs);
  return Math.max(index, 0);
}

/** Counts one who came `ageMs` after the invitation. */
export function countCame(turnout: Turnout, ageMs: number): Turnout {
  const came = [...turnout.came];
  const index = ageClass(ageMs);
  came[index] = rounded((came[index] ?? 0) + 1);
  return { ...turnout, came };
}

/** Counts that so many invitations of each class were open for `dtMs`, and forgets a little. */
export function observeSilent(turnout: Turnout, silent: readonly number[], dtMs: number): Turnout {
  const kept = 1 - dtMs / FORGET_MS;
  return {
    came: turnout.came.map((count) => rounded(count * kept)),
    waited: turnout.waited.map((seconds, index) =>
      rounded(seconds * kept + ((silent[index] ?? 0) * dtMs) / 1_000),
    ),
  };
}

/** The chance that somebody silent still comes, by class of age. Invitations lapse after `claimMs`. */
export function chances({ came, waited }: Turnout, claimMs: number): number[] {
  const chanceOf: number[] = [];
  let hazard = 0;
  for (let index = AGES_MS.length - 1; index >= 0; index--) {
    const seconds = secondsOf(index);
    const prior = priorHazard(index);
    const perSecond =
      ((came[index] ?? 0) + PRIOR_INVITATIONS * prior) /
      ((waited[index] ?? 0) + PRIOR_INVITATIONS * seconds);
    const openSeconds = Math.min(seconds, Math.max(0, (claimMs - at(AGES_MS, index)) / 1_000));
    hazard += perSecond * openSeconds;
    chanceOf[index] = 1 - Math.exp(-hazard);
  }
  return chanceOf;
}

/** How long those who come take for it, in milliseconds. */
export function meanDelayMs({ came }: Turnout): number {
  let [count, sumMs] = [PRIOR_INVITATIONS, (PRIOR_INVITATIONS * secondsOf(0) * 1_000) / 2];
  for (const [index, fromMs] of AGES_MS.entries()) {
    count += came[index] ?? 0;
    sumMs += (came[index] ?? 0) * (fromMs + (secondsOf(index) * 1_000) / 2);
  }
  return sumMs / count;
}

function secondsOf(index: number): number {
  return ((AGES_MS[index + 1] ?? SILENT_MAX_MS) - at(AGES_MS, index)) / 1_000;
}

/** The hazard that a class has by what is known before, summed over its length. */
function priorHazard(index: number): number {
  const chance = at(PRIOR_COMING, index);
  const after = PRIOR_COMING[index + 1] ?? 0;
  return Math.log((1 - after) / (1 - chance));
}

function rounded(value: number): number {
  return Math.round(value * PRECISION) / PRECISION;
}
