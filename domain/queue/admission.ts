import type { Flow } from "./flow.ts";
import { recover, type Pace } from "./pace.ts";
import { countStay, EMPTY_STAYS, type Stays } from "./stays.ts";
import {
  chances,
  countCame,
  EMPTY_TURNOUT,
  meanDelayMs,
  observeSilent,
  type Turnout,
} from "./turnout.ts";

/*
 * The admission controller: how far the cursor moves at a tick, and who of those invited gets a
 * pass. Pure: state, inputs and time in; state and decision out.
 */

/** Ticks come this often while anyone waits. */
export const TICK_MS = 250;
/** A late tick counts for two at most, so that a late alarm admits no burst. */
const TICK_CATCH_UP = 2;
/** Who is invited now is expected at least this much: invitations run ahead of no-shows twofold at most. */
const FRESH_CHANCE_MIN = 0.5;
/** So many who came are taken for granted before the share of those who come is measured. */
const INVITED_MIN = 20;
/** From here on everybody is taken to come: one in a hundred is no pattern. */
const EVERYBODY_CHANCE = 0.99;
/**
 * So many times the capacity may be invited and silent: far more than no-shows make of it, and an end to
 * inviting while nobody can come because something is down.
 */
const SILENT_MAX_CAPACITIES = 20;
/** Those who ask already are enough for so long: no more are invited by the rate. */
const ASKING_MAX_SECONDS = 0.5;
/**
 * So much room is worth an invitation. Chances seldom add up to whole shoppers: with a whole place asked for,
 * one closed tab with a chance of a hundredth would keep the last place or unit until it lapses.
 */
const ROOM_MIN = 0.5;
/** Smoothing of units per entrant: about the last 20 outcomes count. */
const OUTCOME_WEIGHT = 0.05;
/** Smoothing of the measured rate: about the last 10 seconds count. */
const RATE_WEIGHT = 0.1;
/** Smoothing of how fast places come back: about the last five seconds count. */
const RETURN_WEIGHT = 0.05;
/** Entrants are taken to buy at least this much, or a dull start would invite everyone. */
const UNITS_PER_ENTRANT_MIN = 0.1;
/** A room counts as full for so long after a tick that it held back. */
const FULL_FOR_MS = 3_000;
/** Claims are bounded over this window. */
const RATE_WINDOW_SECONDS = 60;

/** The line's counters: one row, written in the same transaction as what they count. */
export interface LineState {
  /** How many joined: the last number given, or where places are drawn the last index. */
  lastNumber: number;
  /** Numbers up to here are invited. */
  cursor: number;
  /** Shoppers with a pass who have neither bought, left nor expired. */
  inside: number;
  insidePeak: number;
  /** Passes ever granted. */
  granted: number;
  /** Invitations not yet claimed, left or lapsed. */
  openInvitations: number;
  /** How many of those are likely to come, as of the last tick. */
  expected: number;
  /** The fraction of an invitation that the last tick left over; below 1. */
  carry: number;
  lastTickAtMs: number;
  turnout: Turnout;
  unitsPerEntrant: number;
  /** Measured invitations a second; 0 while there is no measurement. */
  invitedPerSecond: number;
  /** Places that came back since the last tick, and how many do a second. */
  returned: number;
  returnedPerSecond: number;
  /** Whether it was room and not the rate that kept a tick of late from inviting more, … */
  isFull: boolean;
  /** … and which was the last one that it kept. */
  fullAtMs: number;
  /** How the rate is held back because the checkout is slow; `null` while it is not. */
  pace: Pace | null;
  /** Since when nobody is admitted (paused, sold out); `null` while the line is open. */
  closedAtMs: number | null;
  stays: Stays;
  /** How fast the line moves by how long they stay, as of `measuredAtMs`; `null` while unknown. */
  roomFlow: Flow | null;
  measuredAtMs: number;
  /** Claims granted by second, newest last, at most 61 entries: the oldest may have half gone by. */
  claims: { second: number; count: number }[];
}

/** A line that nobody has joined. */
export const EMPTY_LINE: LineState = {
  lastNumber: 0,
  cursor: 0,
  inside: 0,
  insidePeak: 0,
  granted: 0,
  openInvitations: 0,
  expected: 0,
  carry: 0,
  lastTickAtMs: 0,
  turnout: EMPTY_TURNOUT,
  unitsPerEntrant: 1,
  invitedPerSecond: 0,
  returned: 0,
  returnedPerSecond: 0,
  isFull: false,
  fullAtMs: 0,
  pace: null,
  closedAtMs: null,
  stays: EMPTY_STAYS,
  roomFlow: null,
  measuredAtMs: 0,
  claims: [],
};

/** What bounds admission now. */
export interface AdmissionInputs {
  newUsersPerMinute: number;
  totalActiveUsers: number;
  /** Who joined and has a number: 1 to this. */
  numbered: number;
  /** Units that can be bought now, over all items. */
  available: number;
  /** When an invitation lapses that nobody claimed. */
  claimMs: number;
  /** Whether the sale admits anyone at all (active, not paused). */
  open: boolean;
}

/** What is open now, as the rows have it. */
export interface OpenInvitations {
  /** Those who ask and have no pass yet. */
  asking: number;
  /** Those who have not come, by the class of their invitation's age. */
  silent: readonly number[];
}

/**
 * Moves the cursor; a line that admits nobody is given back as it is. Invites what rate, capacity and
 * stock allow, whichever is least. Who is invited and has not come counts by the chance that they will.
 */
export function tick(
  line: LineState,
  inputs: AdmissionInputs,
  open: OpenInvitations,
  nowMs: number,
): LineState {
  if (!inputs.open) return closed(line);
  const dtMs = Math.min(Math.max(nowMs - line.lastTickAtMs, 0), TICK_CATCH_UP * TICK_MS);
  const next = observe(line, inputs, open, dtMs, nowMs);
  const { byRate, byCapacity, byStock } = bounds(next, inputs, open, dtMs);
  const waiting = inputs.numbered - line.cursor;
  const byRoom = Math.floor(Math.min(byCapacity, byStock) + 1 - ROOM_MIN);
  const invited = Math.max(0, Math.floor(Math.min(byRate, byRoom, waiting)));

  next.cursor += invited;
  next.openInvitations += invited;
  if (byCapacity < byRate) next.fullAtMs = nowMs;
  // Places come back unevenly: a tick with room to spare makes no other line.
  next.isFull = Math.abs(nowMs - next.fullAtMs) < FULL_FOR_MS;
  next.carry = Math.min(Math.max(byRate - invited, 0), 1 - Number.EPSILON);
  // The setting stands in until there is a measurement, also after a pause.
  const measured = line.invitedPerSecond || Math.min(inputs.newUsersPerMinute / 60, waiting);
  if (dtMs > 0 && waiting > 0)
    next.invitedPerSecond = measured + RATE_WEIGHT * ((invited * 1000) / dtMs - measured);
  next.expected += invited * freshChance(next, inputs);
  return next;
}

function closed(line: LineState): LineState {
  return line.carry === 0 && line.invitedPerSecond === 0
    ? line
    : { ...line, carry: 0, invitedPerSecond: 0 };
}

/** Takes in what the time since the last tick has shown. */
function observe(
  line: LineState,
  { newUsersPerMinute, claimMs }: AdmissionInputs,
  { asking, silent }: OpenInvitations,
  dtMs: number,
  nowMs: number,
): LineState {
  const turnout = observeSilent(line.turnout, silent, dtMs);
  const chanceOf = chances(turnout, claimMs);
  chanceOf[0] = Math.max(chanceOf[0] ?? 0, FRESH_CHANCE_MIN);
  let expected = asking;
  for (const [index, count] of silent.entries()) expected += count * (chanceOf[index] ?? 0);
  // By the real time: while the line was closed places came back as well.
  const sinceMs = Math.max(nowMs - line.lastTickAtMs, TICK_MS);
  const returns = (line.returned * 1000) / sinceMs;
  return {
    ...line,
    lastTickAtMs: nowMs,
    turnout,
    expected,
    returned: dtMs > 0 ? 0 : line.returned,
    returnedPerSecond:
      line.returnedPerSecond + (dtMs > 0 ? RETURN_WEIGHT * (returns - line.returnedPerSecond) : 0),
    pace: recover(line.pace, newUsersPerMinute / 60, dtMs, nowMs),
  };
}

/** How many more each bound would invite. */
function bounds(
  line: LineState,
  inputs: AdmissionInputs,
  { asking, silent }: OpenInvitations,
  dtMs: number,
) {
  const { inside, expected, carry, turnout, returnedPerSecond } = line;
  const { totalActiveUsers, available } = inputs;
  // Rate and capacity bound claims: invitations run ahead of those who will not come …
  const perSecond = claimsPerSecond(line, inputs) / freshChance(line, inputs);
  const isAhead = asking > perSecond * ASKING_MAX_SECONDS + 1;
  const byRate = isAhead ? carry : (perSecond * dtMs) / 1000 + carry;
  // … and of the places that come back while those who will are on their way.
  const onTheirWaySeconds = (meanDelayMs(turnout) + TICK_MS) / 1000;
  const ahead = Math.min(returnedPerSecond * onTheirWaySeconds, totalActiveUsers);
  const silentCount = silent.reduce((sum, count) => sum + count, 0);
  const byCapacity = Math.min(
    totalActiveUsers + ahead - inside - expected,
    SILENT_MAX_CAPACITIES * totalActiveUsers - silentCount,
  );
  const unitsPerEntrant = Math.max(line.unitsPerEntrant, UNITS_PER_ENTRANT_MIN);
  // Rounded up: the last unit is worth an invitation, even where most entrants take several.
  const byStock = Math.ceil(available / unitsPerEntrant) - inside - expected;
  return { byRate, byCapacity, byStock };
}

/** How many may come in a second by the rate alone. */
export function claimsPerSecond({ pace }: LineState, inputs: AdmissionInputs): number {
  return Math.min(inputs.newUsersPerMinute / 60, pace?.perSecond ?? Infinity);
}

/** Which part of those invited so far has come or is likely to; all of them while few are invited. */
export function comingShare({ granted, expected, cursor }: LineState): number {
  return (granted + expected + INVITED_MIN) / (cursor + INVITED_MIN);
}

/** The chance that somebody who is invited now will come. */
function freshChance({ turnout }: LineState, { claimMs }: AdmissionInputs): number {
  const chance = chances(turnout, claimMs)[0] ?? 1;
  return chance > EVERYBODY_CHANCE ? 1 : Math.max(chance, FRESH_CHANCE_MIN);
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

/** Counts that an invited shopper came, `ageMs` after the invitation. */
export function countAsk(line: LineState, ageMs: number): LineState {
  return { ...line, turnout: countCame(line.turnout, ageMs) };
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
    granted: line.granted + 1,
    openInvitations: line.openInvitations - 1,
  };
}

/** Counts invitations that lapsed, or were given back. */
export function countLapses(line: LineState, count: number): LineState {
  return { ...line, openInvitations: line.openInvitations - count };
}

/**
 * Counts a shopper who is no longer inside, how long they stayed, and what they took: 0 units when they
 * left or expired.
 */
export function countDeparture(line: LineState, units: number, stayMs: number): LineState {
  return {
    ...line,
    inside: line.inside - 1,
    returned: line.returned + 1,
    stays: countStay(line.stays, stayMs),
    unitsPerEntrant: line.unitsPerEntrant + OUTCOME_WEIGHT * (units - line.unitsPerEntrant),
  };
}
