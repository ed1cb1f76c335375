import { at } from "../at.ts";
import { assert } from "../assert.ts";
import { hmacSha256 } from "../hash.ts";

/** Not a secret: the binding is keyed already; this only spreads it anew. */
const LANE_KEY = new TextEncoder().encode("ropeline/lane");

/** A micro-batch waits at least this long for company … */
const BATCH_MIN_DELAY_MS = 25;
/** … and longer with many lanes, so that the sequencer hears about 500 batches a second at most. */
const BATCH_DELAY_PER_LANE_MS = 2;

/**
 * A join among others waits this share of the reorder window at the gateway for more: 10 of 250 ms, which its lane would
 * wait all the same, and who comes a long way still has the rest of it. Without a window nobody waits but for who comes
 * in the same millisecond.
 */
export const JOIN_COMPANY_SHARE_OF_WINDOW = 0.04;

/** How long a command waits at a lane for others that come to it. */
export function laneDelayMs(lanes: number): number {
  return Math.max(BATCH_MIN_DELAY_MS, BATCH_DELAY_PER_LANE_MS * lanes);
}

/** The lane of a shopper: a hash of the binding, which is keyed, so that nobody can choose a lane. */
export function laneOf(binding: string, lanes: number): number {
  const hash = hmacSha256(LANE_KEY, binding);
  const word = (at(hash, 0) << 16) | (at(hash, 1) << 8) | at(hash, 2);
  return word % lanes;
}

/** The object name of a lane. */
export function laneName(saleId: string, lane: number): string {
  return `${saleId}/${lane}`;
}

/** Reads what `laneName` wrote. */
export function parseLaneName(name: string): { saleId: string; lane: number } {
  const [, saleId, lane] = /^(.+)\/(\d+)$/.exec(name) ?? [];
  assert(saleId !== undefined && lane !== undefined, `"${name}" names a lane`);
  return { saleId, lane: Number(lane) };
}
