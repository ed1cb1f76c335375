import type { Dice } from "../kernel/dice.ts";
import { FAULT_KINDS, FAULT_SHARES, LATER_FAULT_KINDS, type FaultKind } from "../kernel/faults.ts";
import type { Plan } from "./plan.ts";

/** A seed has each kind of fault with this chance: quiet seeds reach further than those with all. */
const FAULT_SHARE = 0.5;
/** In these seeds each of its faults happens as often as `FAULT_SHARES` says; in the others so many times as often. */
const PLAIN_SHARE = 0.5;
const FACTORS = [0.1, 0.3, 1, 2, 4] as const;
/** What fails more often than this never gets anywhere. */
const SHARE_MAX = 0.5;

/** Draws which faults a seed has. */
export function faultsOf(dice: Dice): FaultKind[] {
  return FAULT_KINDS.filter((kind) =>
    (LATER_FAULT_KINDS.has(kind) ? dice.fork(`fault/${kind}`) : dice).chance(FAULT_SHARE),
  );
}

/**
 * Draws how often each fault happens: a test of all faults at their means misses what takes much of one and little
 * of another (swarm testing: Groce et al., ISSTA 2012).
 */
export function faultSharesOf(dice: Dice, faults: readonly FaultKind[]): Plan["faultShares"] {
  if (dice.chance(PLAIN_SHARE)) return {};
  return Object.fromEntries(
    faults.map((kind) => {
      const share = FAULT_SHARES[kind];
      const factor = dice.fork(kind).pick(FACTORS);
      return [kind, Math.min(share * factor, Math.max(share, SHARE_MAX))];
    }),
  );
}
