import type { Judgement, Renewal } from "./line-book.ts";

/**
 * What a lane brings: joins to be numbered, numbers that ask for a pass, numbers that left. Who entered
 * a shuffled sale early goes by the early index, here and in the reply.
 */
export interface LaneBatch {
  lane: number;
  joins: { laneSeq: number; arrivedAtMs: number }[];
  claims: number[];
  departures: number[];
  /** Passes to be renewed; lanes of an older version bring none. */
  renewals?: Renewal[];
}

export interface LaneReply {
  ok: true;
  numbers: { laneSeq: number; number: number }[];
  grants: Judgement[];
}
