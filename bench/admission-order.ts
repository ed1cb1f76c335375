import { FenwickTree } from "../domain/fairness/fenwick-tree.ts";
import { ranks } from "./ranks.ts";

/** A place whose shopper was let in: when they were known to ask, and when they were granted. */
export interface GrantedPlace {
  number: number;
  /** The first claim had been answered by then: the line knew that this shopper asks. */
  askKnownAtMs: number;
  /** Stored with the grant, and signed into the pass. */
  grantedAtMs: number;
}

/** An instant of the sweep. Grants end a wait before they are judged, and asks begin after. */
interface Moment {
  atMs: number;
  phase: 0 | 1 | 2;
  rank: number;
}
const WAIT_ENDS = 0;
const GRANT = 1;
const WAIT_BEGINS = 2;

/**
 * Counts pairs (A, B) where A has the smaller number and was known to ask, and yet B was granted
 * strictly between A's asking and A's grant. Who never asks, or asks late, is passed by rightly.
 * O(n log n): sweep over time, with a Fenwick tree of the numbers that wait for their grant.
 */
export function countAdmissionInversions(places: readonly GrantedPlace[]): number {
  const rankOf = ranks(places.map((place) => place.number));
  const moments = places.flatMap(({ number, askKnownAtMs, grantedAtMs }): Moment[] => {
    const rank = rankOf.get(number) ?? 0;
    const grant: Moment = { atMs: grantedAtMs, phase: GRANT, rank };
    if (askKnownAtMs >= grantedAtMs) return [grant];
    return [
      { atMs: askKnownAtMs, phase: WAIT_BEGINS, rank },
      { atMs: grantedAtMs, phase: WAIT_ENDS, rank },
      grant,
    ];
  });
  moments.sort((a, b) => a.atMs - b.atMs || a.phase - b.phase);
  const waiting = new FenwickTree(rankOf.size);
  let inversions = 0;
  for (const { phase, rank } of moments) {
    if (phase === GRANT) inversions += waiting.countUpTo(rank - 1);
    else waiting.add(rank, phase === WAIT_BEGINS ? 1 : -1);
  }
  return inversions;
}
