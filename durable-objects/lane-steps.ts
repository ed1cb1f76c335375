import type { Renewal } from "./line-book.ts";
import type { WaitingJoin } from "./waiting-joins.ts";

/** A shopper who wants a place, and what their sale says of it. */
export interface JoinCommand {
  binding: string;
  arrivedAtMs: number;
  lanes: number;
  /** Nobody gets a new place. */
  isDraining: boolean;
  /** Who has lapsed or expired may have another place. */
  mayRejoin: boolean;
  reorderWindowMs: number;
}

/** What shoppers ask of a lane. */
export type LaneCommand =
  | ({ kind: "join" } & JoinCommand)
  | { kind: "claim" | "leave"; binding: string; number: number }
  | { kind: "renew"; binding: string; number: number; expiresAtMs: number };

/** What a command came to in the lane's own tables, and what the sequencer has to be asked. */
export interface Step {
  binding: string;
  first?: true;
  join?: WaitingJoin;
  claim?: number;
  departure?: number;
  renewal?: Renewal;
}

/** What the steps of a batch ask of the sequencer, each thing once. */
export interface Asked {
  joins: WaitingJoin[];
  claims: number[];
  departures: Set<number>;
  renewals: Renewal[];
  /** Whose number is judged. */
  judged: Map<number, string>;
}

/** Puts together what these steps ask; `null`: nothing. */
export function askedBy(steps: readonly Step[]): Asked | null {
  const joins = new Map<number, WaitingJoin>();
  const departures = new Set<number>();
  const renewals = new Map<number, Renewal>();
  const judged = new Map<number, string>();
  const claims = new Set<number>();
  for (const { binding, join, claim, departure, renewal } of steps) {
    if (join) joins.set(join.laneSeq, join);
    if (departure !== undefined) departures.add(departure);
    if (renewal) renewals.set(renewal.number, renewal);
    if (claim !== undefined) claims.add(claim);
    const number = claim ?? renewal?.number ?? departure;
    if (number !== undefined) judged.set(number, binding);
  }
  if (joins.size + departures.size + judged.size === 0) return null;
  return {
    joins: [...joins.values()],
    claims: [...claims],
    departures,
    renewals: [...renewals.values()],
    judged,
  };
}

/** What the sequencer is to be told of somebody who left. */
export function departureOf({ binding, number }: { binding: string; number: number }): Step {
  return { binding, departure: number };
}
