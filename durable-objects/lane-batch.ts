import type { Judgement, Renewal } from "./line-book.ts";
import type { Logged } from "./sale-log.ts";

/** A join on its way to a number. */
export interface JoinToNumber {
  laneSeq: number;
  arrivedAtMs: number;
  /** What the log tells of whose place it is (`logBinding`); lanes of an older version bring none. */
  binding?: string;
}

/** A join that has its number, and its entry in the log, where the sale has one. */
export interface NumberedJoin {
  laneSeq: number;
  number: number;
  logged?: Logged | undefined;
}

/**
 * What a lane brings: joins to be numbered, numbers that ask for a pass, numbers that left. Who entered
 * a shuffled sale early goes by the early index, here and in the reply.
 */
export interface LaneBatch {
  lane: number;
  joins: JoinToNumber[];
  claims: number[];
  departures: number[];
  /** Passes to be renewed; lanes of an older version bring none. */
  renewals?: Renewal[];
}

export interface LaneReply {
  ok: true;
  numbers: NumberedJoin[];
  grants: Judgement[];
  /** A signed head that covers all of these joins; a sequencer of an older version brings none. */
  checkpoint?: string | undefined;
}
