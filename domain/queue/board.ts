import {
  availableUnits,
  isEndingSoon,
  isSoldOut,
  saleState,
  type ListedLevel,
  type SaleControl,
  type SaleState,
} from "../purchase/sale.ts";
import { formatTime } from "../time.ts";
import type { Ticket } from "../token.ts";
import { estimateWait, type WaitEstimate } from "./estimate.ts";
import type { Flow } from "./flow.ts";
import type { LiveControls, PublicRandomness } from "./settings.ts";
import { indexOf, missingValue, type Shuffle } from "./shuffle.ts";

/** What everyone may know about a sale now. Some hundred bytes; equal for all shoppers. */
export interface Board {
  saleId: string;
  state: SaleState;
  endingSoon: boolean;
  mode: SaleControl["mode"];
  prequeueStartsAtMs: number | null;
  startsAtMs: number;
  endsAtMs: number;
  /** Numbers up to here are invited. */
  cursor: number;
  lastNumber: number;
  /** Invitations a second, measured; the setting until there is a measurement. */
  invitedPerSecond: number;
  /** How fast the line moves; `null` while nobody can know. */
  flow: Flow | null;
  levels: ListedLevel[];
  /** How the line is led now. */
  controls: LiveControls;
  /** Numbers whose place was taken back; the items decide, the board only shows. */
  revoked: readonly number[];
  /** `null` unless the sale draws places. */
  shuffle: Shuffle | null;
  version: number;
  asOfMs: number;
}

/**
 * The board with its state judged now. Start and end come by the clock, and a board may be a second
 * old: without this, some would be refused after the start while others are given numbers.
 */
export function boardAt(board: Board, nowMs: number): Board {
  const state = saleState(board, board.prequeueStartsAtMs, board.levels, nowMs);
  const endingSoon = isEndingSoon(board, nowMs);
  return state === board.state && endingSoon === board.endingSoon
    ? board
    : { ...board, state, endingSoon };
}

/** Past this age of the board nobody claims; places stand. */
export const BOARD_CLAIM_MAX_AGE_MS = 10_000;

/** Who is invited and has to wait for room is held by the lane; between two such looks passes little time. */
const POLL_INVITED_MS = 250;
/** Bounds of the poll interval: near the head, far from it, and while nothing can be bought. */
const POLL_NEAR_MS = 1_000;
const POLL_FAR_MS = 20_000;
const POLL_SLOW_MS = 20_000;
/** Of those whom only a unit that comes back can serve, this many look often. */
const NEAR_AHEAD = 100;
const POLL_NEAR_STANDING_MS = 2_000;
const POLL_EARLY_MAX_MS = 30_000;
/** A value may be brought at any moment, and whoever is in front is invited soon after it. */
const POLL_AWAITED_MS = 5_000;
/** Polls are spread by up to this share, so that a crowd does not fall into step. */
const POLL_JITTER_SHARE = 0.3;
/** After a draw those who were in it look up their places over this time. */
const DRAWN_SPREAD_MS = 3_000;
/** A shopper is asked again after this share of the time until they may be invited. */
const POLL_SHARE_OF_WAIT = 0.2;

/** The queue view of the HTTP contract without the tokens, which the gateway signs. */
export interface QueueView {
  state: "early" | "waiting" | "admitted" | "lapsed" | "expired" | "left" | "closed";
  reason: "sold_out" | "ended" | "revoked" | "rejected" | null;
  paused: boolean;
  number: number | null;
  ahead: number | null;
  estimate: WaitEstimate | null;
  pollAfterMs: number;
  nowServing: number;
  message: string | null;
  /** When the shopper's place is drawn (RFC 3339); left out where it is not, or has been. */
  drawsAt?: string;
  /** The public value that the draw waits for; left out where it waits for none. */
  drawsAfter?: PublicRandomness;
}

/** A view, and whether the shopper is invited and has to claim. */
export interface Placement {
  view: QueueView;
  invited: boolean;
}

/** Invitations run ahead of rate and room twofold at most. */
const REACH_FACTOR = 2;
/** The board's clock may be a little behind, and so may be what it knows. */
const REACH_MIN = 5;

/** A fixed fraction in [0, 1) of a number: jitter that needs no randomness. */
function spread(number: number): number {
  return ((number * 2_654_435_761) % 4_294_967_296) / 4_294_967_296;
}

/** A pause for whoever has this number, so that a crowd does not fall into step. */
export function pollAfter(baseMs: number, number: number): number {
  return Math.round(baseMs * (1 - POLL_JITTER_SHARE / 2 + POLL_JITTER_SHARE * spread(number)));
}

function isBeforeStart({ state }: Board): boolean {
  return state === "draft" || state === "scheduled" || state === "prequeue";
}

/** Where a ticket stands by the board: no object is asked. */
export function placeOf(ticket: Ticket, board: Board, nowMs: number): Placement {
  const { number } = ticket;
  const index = indexOf(ticket);
  const ahead = number === null ? null : Math.max(0, number - board.cursor - 1);
  const view: QueueView = {
    state: "waiting",
    reason: null,
    paused: board.state === "paused" || board.controls.queueAll,
    number,
    ahead,
    estimate: null,
    pollAfterMs: pollAfter(POLL_SLOW_MS, index),
    nowServing: board.cursor,
    message: board.controls.message,
  };
  if (board.state === "ended") return closed(view, "ended");
  if (number !== null && board.revoked.includes(number)) return closed(view, "revoked");
  if (isBeforeStart(board)) return { view: early(view, board, index, nowMs), invited: false };
  if (isSoldOut(board.levels)) return closed(view, "sold_out");
  if (number === null || ahead === null) {
    const drawsAfter = missingValue(board.shuffle);
    if (drawsAfter) {
      const pollAfterMs = pollAfter(POLL_AWAITED_MS, index);
      return { view: { ...view, drawsAfter, pollAfterMs }, invited: false };
    }
    const drawsAtMs = board.shuffle?.nextDrawAtMs ?? null;
    // With no draw to come, this is a board from before the start, seen after it.
    if (drawsAtMs === null) return { view: early(view, board, index, nowMs), invited: false };
    return { view: { ...view, ...untilDraw(drawsAtMs, index, nowMs) }, invited: false };
  }
  if (number <= board.cursor) {
    const fresh = nowMs - board.asOfMs <= BOARD_CLAIM_MAX_AGE_MS;
    const isOn = fresh && !view.paused;
    const pollAfterMs = isOn ? POLL_INVITED_MS : POLL_NEAR_STANDING_MS;
    return { view: { ...view, pollAfterMs }, invited: fresh };
  }
  // Who stands behind the last unit waits for others to give up: no rate says when that is.
  const behindStock = ahead - availableUnits(board.levels);
  if (view.paused || behindStock >= 0) {
    const isNear = (view.paused ? ahead : behindStock) < NEAR_AHEAD;
    const baseMs = isNear ? POLL_NEAR_STANDING_MS : POLL_SLOW_MS;
    return { view: { ...view, pollAfterMs: pollAfter(baseMs, number) }, invited: false };
  }
  const estimate = estimateWait(ahead, board.flow);
  const waitMs = estimate ? estimate.minSeconds * 1000 : POLL_FAR_MS;
  const baseMs = Math.min(Math.max(waitMs * POLL_SHARE_OF_WAIT, POLL_NEAR_MS), POLL_FAR_MS);
  return { view: { ...view, estimate, pollAfterMs: pollAfter(baseMs, number) }, invited: false };
}

/**
 * Whether the line may have reached somebody since this board was made: a socket brings a newer one than
 * polls are answered from. Who says so, and who they are, may ask their lane.
 */
export function mayBeInvited(
  { number, state, paused }: QueueView,
  board: Board,
  nowMs: number,
): boolean {
  const sinceMs = nowMs - board.asOfMs;
  const { newUsersPerMinute, totalActiveUsers } = board.controls;
  const byRate = (newUsersPerMinute / 60_000) * Math.max(sinceMs, 0);
  const reach = REACH_MIN + REACH_FACTOR * Math.min(byRate, totalActiveUsers);
  return (
    state === "waiting" &&
    !paused &&
    number !== null &&
    sinceMs <= BOARD_CLAIM_MAX_AGE_MS &&
    number <= board.cursor + reach
  );
}

function early(view: QueueView, board: Board, index: number, nowMs: number): QueueView {
  const untilStartMs = Math.max(board.startsAtMs - nowMs, POLL_NEAR_MS);
  const pollAfterMs = pollAfter(Math.min(untilStartMs, POLL_EARLY_MAX_MS), index);
  return { ...view, state: "early", pollAfterMs };
}

/** A round that is drawn is looked up by everyone in it: they come within so long after it. */
function untilDraw(
  atMs: number,
  index: number,
  nowMs: number,
): Pick<QueueView, "pollAfterMs" | "drawsAt"> {
  const untilMs = Math.max(atMs - nowMs, 0);
  const pollAfterMs = Math.round(POLL_NEAR_MS + untilMs + DRAWN_SPREAD_MS * spread(index));
  return { pollAfterMs, drawsAt: formatTime(atMs) };
}

/** The line is closed for everyone who is not inside; they may look again, slowly. */
function closed(view: QueueView, reason: "sold_out" | "ended" | "revoked"): Placement {
  return { view: { ...view, state: "closed", reason, ahead: null }, invited: false };
}
