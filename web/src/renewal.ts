/**
 * When a turn can be made longer: the shop gives a new pass to who asks in the second half of one. No
 * page and no clock in here.
 */

/** The shop's half of a session is not this page's to the millisecond: asked for this much later. */
const HALF_GRACE_MS = 500;
/** Who has done nothing is asked whether they are there when this much is left. */
const QUESTION_LEFT_MS = 60_000;

/** What a longer turn depends on. */
export interface RenewalFacts {
  /** Whether the sale makes turns longer, and this shopper still needs one. */
  readonly isAllowed: boolean;
  /** When the turn ends; NaN while there is none. */
  readonly expiresAtMs: number;
  /** How long the turn is at first. */
  readonly sessionMs: number;
  /** How much of the turn was left when the shop last made it no longer; `Infinity` if it never refused. */
  readonly refusedLeftMs: number;
}

/**
 * How long until a longer turn may be asked for: 0 for now, `Infinity` for never. After a refusal half
 * of what was left then has to pass: the turn is as long as it gets, or the shop counts another session.
 */
export function renewableInMs(facts: RenewalFacts, nowMs: number): number {
  const leftMs = facts.expiresAtMs - nowMs;
  if (!facts.isAllowed || !(leftMs > 0)) {
    return Infinity;
  }
  const fromLeftMs = Math.min(facts.sessionMs / 2 - HALF_GRACE_MS, facts.refusedLeftMs / 2);
  return Math.max(0, leftMs - fromLeftMs);
}

/** Whether to ask "Still there?": the turn is about to end, and could be longer. */
export function isToBeAsked(facts: RenewalFacts, nowMs: number): boolean {
  const isNearEnd = facts.expiresAtMs - nowMs <= QUESTION_LEFT_MS;
  return isNearEnd && !isAtItsLongest(facts) && renewableInMs(facts, nowMs) === 0;
}

/** Whether the shop has just said that the turn stays as it is, near enough to its end to matter. */
export function isAtItsLongest({ isAllowed, refusedLeftMs }: RenewalFacts): boolean {
  return isAllowed && refusedLeftMs <= QUESTION_LEFT_MS;
}
