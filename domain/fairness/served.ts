import { at } from "../at.ts";
import { displacedPlaces } from "./displacement.ts";
import { kendallDistance } from "./kendall.ts";
import type { FirstShare, OrderDistance, RankPair } from "./report.ts";
import { spreadOf } from "./spread.ts";

/** How many first ones are looked at, besides a tenth of all. */
const FIRST = [10, 100, 1_000];
const FIRST_SHARE = 0.1;
/** Ranks that are told of each order, for a plot. */
const POINTS_MAX = 200;

/** How far the order of a list is from that of its values. */
export function orderDistance(values: Float64Array): OrderDistance {
  const distance = kendallDistance(values);
  return { ...distance, displacedPlaces: spreadOf(displacedPlaces(values, values.toSorted())) };
}

/** How those who came were let in. */
export interface Served {
  arrivalToAdmission: OrderDistance;
  first: FirstShare[];
  points: RankPair[];
}

/**
 * Compares the order in which shoppers came with that in which they were let in: `admitted` are their
 * positions in `arrivalsMs`, the first who was let in first. Who was not stands behind all who were, and
 * neither before nor behind the others who were not. Who came in the same millisecond was neither before nor
 * behind. Displaced are those who were let in, among each other.
 */
export function servedOf(arrivalsMs: Float64Array, admitted: ArrayLike<number>): Served {
  const ranks = arrivalRanks(arrivalsMs);
  const rankOf = Int32Array.from(admitted, (position) => at(ranks, position));
  const ordered = admittedFirst(arrivalsMs, admitted);
  const inside = ordered.subarray(0, admitted.length);
  const places = spreadOf(displacedPlaces(inside, inside.toSorted()));
  const { discordant, pairs: all } = kendallDistance(ordered);
  // Two who were not let in are no pair.
  const pairs = all - kendallDistance(ordered.subarray(admitted.length)).pairs;
  const tau = pairs === 0 ? 0 : discordant / pairs;
  return {
    arrivalToAdmission: { discordant, pairs, tau, displacedPlaces: places },
    first: firstShares(rankOf, arrivalsMs.length),
    points: pointsOf(rankOf),
  };
}

/** The arrivals of those who were let in, in that order, and behind them the others as they came. */
function admittedFirst(arrivalsMs: Float64Array, admitted: ArrayLike<number>): Float64Array {
  const ordered = new Float64Array(arrivalsMs.length);
  const isIn = new Uint8Array(arrivalsMs.length);
  for (let rank = 0; rank < admitted.length; rank++) {
    const position = at(admitted, rank);
    isIn[position] = 1;
    ordered[rank] = at(arrivalsMs, position);
  }
  let behind = admitted.length;
  for (const [position, atMs] of arrivalsMs.entries())
    if (isIn[position] === 0) ordered[behind++] = atMs;
  ordered.subarray(admitted.length).sort();
  return ordered;
}

/** The rank of each in the order of arrival, from 1; among equal ones by position. */
function arrivalRanks(arrivalsMs: Float64Array): Int32Array {
  const positions = Int32Array.from(arrivalsMs, (_atMs, position) => position);
  positions.sort((a, b) => at(arrivalsMs, a) - at(arrivalsMs, b) || a - b);
  const ranks = new Int32Array(positions.length);
  for (const [index, position] of positions.entries()) ranks[position] = index + 1;
  return ranks;
}

/** Of the first k of the list, the share whose rank is up to k; for each k that the list reaches. */
function firstShares(ranks: Int32Array, shoppers: number): FirstShare[] {
  const ks = [...new Set([...FIRST, Math.ceil(FIRST_SHARE * shoppers)])].toSorted((a, b) => a - b);
  return ks
    .filter((k) => k > 0 && k <= ranks.length)
    .map((k) => ({ k, share: ranks.subarray(0, k).filter((rank) => rank <= k).length / k }));
}

function pointsOf(ranks: Int32Array): RankPair[] {
  const every = Math.max(1, Math.ceil(ranks.length / POINTS_MAX));
  const points: RankPair[] = [];
  for (let index = 0; index < ranks.length; index += every)
    points.push({ arrived: at(ranks, index), admitted: index + 1 });
  return points;
}
