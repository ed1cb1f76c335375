import type { LineState } from "./admission.ts";
import { forgetStays, stayLength } from "./stays.ts";

/*
 * How fast a line moves, measured so that a wait can be told beforehand. A line that is bound by its
 * rate moves at that rate. One that is bound by its capacity moves as places come back: as many as there
 * are inside, over how long they stay.
 */

/** How fast a line moves. */
export interface Flow {
  /** Numbers a second, those of shoppers who never come included. */
  perSecond: number;
  /** How long a stay inside lasts; `null` for a rate that is set. */
  staySeconds: number | null;
  /** The standard deviation of one stay as a share of the mean; 0 for a rate that is set. */
  spread: number;
  /** From how many stays that is known. */
  known: number;
}

/** It is measured this often: thousands of stays are looked at. */
export const FLOW_EVERY_MS = 1_000;

/** The line with its pace as of now. `insideMs` says how long those inside have been there. */
export function measureFlow(
  line: LineState,
  insideMs: readonly number[],
  nowMs: number,
): LineState {
  const sinceMs = Math.max(0, nowMs - line.measuredAtMs);
  const stays = line.measuredAtMs === 0 ? line.stays : forgetStays(line.stays, sinceMs);
  const length = stayLength(stays, insideMs);
  const perSecond = length && line.inside / length.meanSeconds;
  const roomFlow: Flow | null =
    length && perSecond !== null && perSecond > 0
      ? {
          perSecond,
          staySeconds: length.meanSeconds,
          spread: length.spread,
          known: length.known,
        }
      : null;
  return { ...line, stays, roomFlow, measuredAtMs: nowMs };
}

/**
 * How fast the line moves now; `null` while nobody can know. `claimsPerSecond` may come in by the rate, and
 * the share `comingShare` of those invited comes.
 */
export function flowOf(
  { isFull, roomFlow }: LineState,
  claimsPerSecond: number,
  comingShare: number,
): Flow | null {
  if (isFull && !roomFlow) return null;
  const isByRoom = isFull && roomFlow !== null && roomFlow.perSecond < claimsPerSecond;
  const byRate = { perSecond: claimsPerSecond, staySeconds: null, spread: 0, known: 0 };
  const flow = isByRoom ? roomFlow : byRate;
  return { ...flow, perSecond: flow.perSecond / comingShare };
}
