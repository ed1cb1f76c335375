import { observeFlow, type FlowSample } from "./flow.ts";

/*
 * The admission controller: how far the cursor moves at a tick, and who of those invited gets a
 * pass. Pure: state, inputs and time in; state and decision out.
 */

/** Ticks come this often while anyone waits. */
export const TICK_MS = 250;
/** A late tick counts for two at most, so that a late alarm admits no burst. */
const TICK_CATCH_UP = 2;
/** Invitations run ahead of no-shows, but never more than twofold. */
const NO_SHOW_SHARE_MAX = 0.5;
/** Smoothing of the no-show share and of units per entrant: about the last 20 outcomes count. */
const OUTCOME_WEIGHT = 0.05;
/** Smoothing of the measured rate: about the last 10 seconds count. */
const RATE_WEIGHT = 0.1;
/** Entrants are taken to buy at least this much, or a dull start would invite everyone. */
const UNITS_PER_ENTRANT_MIN = 0.1;
/** Claims are bounded over this window. */
const RATE_WINDOW_SECONDS = 60;

/** The line's counters: one row, written in the same transaction as what they count. */
export interface LineState {
  /** The last number given; numbers start at 1. */
  lastNumber: number;
  /** Numbers up to here are invited. */
  cursor: number;
  /** Shoppers with a pass who have neither bought, left nor expired. */
  inside: number;
  insidePeak: number;
  /** Invitations not yet claimed, left or lapsed. */
  openInvitations: number;
  /** The fraction of an invitation that the last tick left over; below 1. */
  carry: number;
  lastTickAtMs: number;
  noShowShare: number;
  unitsPerEntrant: number;
  /** Measured invitations a second; 0 while there is no measurement. */
  invitedPerSecond: number;
  /** Since when nobody is admitted (paused, sold out); `null` while the line is open. */
  closedAtMs: number | null;
  /** Where the line stood, a few minutes back: how fast it moves. */
  flow: readonly FlowSample[];
  /** Claims granted by second, newest last, at most 61 entries: the oldest may have half gone by. */
  claims: { second: number; count: number }[];
}

/** A line that nobody has joined. */
export const EMPTY_LINE: LineState = {
  lastNumber: 0,
  cursor: 0,
  inside: 0,
  insidePeak: 0,
  openInvitations: 0,
  carry: 0,
  lastTickAtMs: 0,
  noShowShare: 0,
  unitsPerEntrant: 1,
  invitedPerSecond: 0,
  closedAtMs: null,
  flow: [],
  claims: [],
};

/** What bounds admission now. */
export interface AdmissionInputs {
  newUsersPerMinute: number;
  totalActiveUsers: number;
  /** Units that can be bought now, over all items. */
  available: number;
  /** Whether the sale admits anyone at all (active, not paused). */
  open: boolean;
}

/**
 * Moves the cursor; a line that admits nobody is given back as it is. Invites `min(rate x dt + carry, free capacity, what the stock can serve)`, where
 * open invitations count against capacity and stock by the share of them that is expected to come.
 */
export function tick(line: LineState, inputs: AdmissionInputs, nowMs: number): LineState {
  const dtMs = Math.min(Math.max(nowMs - line.lastTickAtMs, 0), TICK_CATCH_UP * TICK_MS);
  if (!inputs.open)
    return line.carry === 0 && line.invitedPerSecond === 0 && line.flow.length === 0
      ? line
      : { ...line, carry: 0, invitedPerSecond: 0, flow: [] };
  const next = { ...line, lastTickAtMs: nowMs };

  const expected = line.openInvitations * (1 - Math.min(line.noShowShare, NO_SHOW_SHARE_MAX));
  const byRate = (inputs.newUsersPerMinute / 60_000) * dtMs + line.carry;
  const byCapacity = inputs.totalActiveUsers - line.inside - expected;
  const unitsPerEntrant = Math.max(line.unitsPerEntrant, UNITS_PER_ENTRANT_MIN);
  // Rounded up: the last unit is worth an invitation, even where most entrants take several.
  const byStock = Math.ceil(inputs.available / unitsPerEntrant) - line.inside - expected;
  const waiting = line.lastNumber - line.cursor;
  const invited = Math.max(0, Math.floor(Math.min(byRate, byCapacity, byStock, waiting)));

  next.cursor += invited;
  next.openInvitations += invited;
  next.carry = Math.min(Math.max(byRate - invited, 0), 1 - Number.EPSILON);
  // The setting stands in until there is a measurement, also after a pause.
  const measured = line.invitedPerSecond || inputs.newUsersPerMinute / 60;
  if (dtMs > 0 && waiting > 0)
    next.invitedPerSecond = measured + RATE_WEIGHT * ((invited * 1000) / dtMs - measured);
  next.flow = observeFlow(next, nowMs);
  return next;
}

/** How many claims may be granted now: capacity is hard, and so is the rate over any 60 seconds. */
export function grantable(line: LineState, inputs: AdmissionInputs, nowMs: number): number {
  if (!inputs.open) return 0;
  const oldest = Math.floor(nowMs / 1000) - RATE_WINDOW_SECONDS;
  let granted = 0;
  for (const bucket of line.claims) if (bucket.second >= oldest) granted += bucket.count;
  return Math.max(
    0,
    Math.min(inputs.totalActiveUsers - line.inside, inputs.newUsersPerMinute - granted),
  );
}

/** Counts one granted claim: the invitation is answered and the shopper is inside. */
export function countClaim(line: LineState, nowMs: number): LineState {
  const newest = line.claims.at(-1)?.second ?? 0;
  // A clock that went back counts on where it was: each second has one bucket.
  const second = Math.max(Math.floor(nowMs / 1000), newest);
  const claims = line.claims.filter((bucket) => bucket.second >= second - RATE_WINDOW_SECONDS);
  const last = claims.at(-1);
  if (last && last.second === second) claims[claims.length - 1] = { second, count: last.count + 1 };
  else claims.push({ second, count: 1 });
  const inside = line.inside + 1;
  return {
    ...line,
    claims,
    inside,
    insidePeak: Math.max(line.insidePeak, inside),
    openInvitations: line.openInvitations - 1,
    noShowShare: line.noShowShare * (1 - OUTCOME_WEIGHT),
  };
}

/** Counts invitations that lapsed. */
export function countLapses(line: LineState, count: number): LineState {
  return {
    ...line,
    openInvitations: line.openInvitations - count,
    noShowShare: 1 - (1 - line.noShowShare) * (1 - OUTCOME_WEIGHT) ** count,
  };
}

/** Counts a shopper who is no longer inside and what they took: 0 units when they left or expired. */
export function countDeparture(line: LineState, units: number): LineState {
  return {
    ...line,
    inside: line.inside - 1,
    unitsPerEntrant: line.unitsPerEntrant + OUTCOME_WEIGHT * (units - line.unitsPerEntrant),
  };
}
