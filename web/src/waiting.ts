/**
 * The waiting view as a pure state machine: from what the shop last said and the shop's time to what
 * is shown, what the next poll carries and when it is due. No page, no clock, no network in here.
 */
import type { Order, OrderStatus, QueueState, QueueView, SaleState } from "./contract.ts";
import { spreadMs } from "./backoff.ts";
import { formatEstimate, formatNumber } from "./format.ts";

/** What the sale page shows; the value of `data-state` on its main element. */
export type Screen =
  | "countdown"
  | "joining"
  | "waiting"
  | "admitted"
  | "reserved"
  | "paying"
  | "confirmed"
  | "declined"
  | "expired"
  | "soldout"
  | "ended"
  | "paused"
  | "lapsed";

/** Everything the choice of screen depends on. */
export interface ScreenFacts {
  readonly saleState: SaleState;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** Whether this browser holds a ticket; its view may not have been fetched yet. */
  readonly hasTicket: boolean;
  readonly view: QueueView | null;
  /** The order this browser opened in the sale and has not put aside. */
  readonly order: Order | null;
}

/** Chooses the screen: an open order comes first, then the place in line, then the sale itself. */
export function chooseScreen(facts: ScreenFacts, nowMs: number): Screen {
  const byOrder = facts.order === null ? null : orderScreen(facts.order);
  if (byOrder !== null) {
    return byOrder;
  }
  if (!facts.hasTicket) {
    return saleScreen(facts, nowMs);
  }
  return facts.view === null ? "joining" : (placeScreen(facts.view, facts.saleState) ?? "joining");
}

const ORDER_SCREENS: Readonly<Record<OrderStatus, Screen | null>> = {
  RESERVED: "reserved",
  PAYMENT_PENDING: "paying",
  CONFIRMED: "confirmed",
  SHIPPED: "confirmed",
  DELIVERED: "confirmed",
  REFUNDED: "confirmed",
  PAYMENT_FAILED: "declined",
  EXPIRED: "expired",
  CANCELLED: null,
};

/** The screen of an order; null for a cancelled one, which gives way to the place in line. */
export function orderScreen(order: Order): Screen | null {
  const wasDeclined = order.status === "RESERVED" && (order.payment?.lastError ?? null) !== null;
  return wasDeclined ? "declined" : ORDER_SCREENS[order.status];
}

const PLACE_SCREENS: Readonly<Record<QueueState, Screen | null>> = {
  early: "countdown",
  waiting: "waiting",
  admitted: "admitted",
  lapsed: "lapsed",
  expired: "expired",
  closed: "ended",
  left: null,
};

function placeScreen(view: QueueView, saleState: SaleState): Screen | null {
  if (view.state === "closed" && view.reason === "sold_out") {
    return "soldout";
  }
  if (view.state === "admitted" && saleState in SALE_SCREENS) {
    // The sale may stop for everyone while this shopper is inside.
    return SALE_SCREENS[saleState] ?? null;
  }
  const pauses = view.state === "waiting" || view.state === "admitted";
  return pauses && view.paused ? "paused" : PLACE_SCREENS[view.state];
}

const SALE_SCREENS: Readonly<Partial<Record<SaleState, Screen>>> = {
  draft: "ended",
  paused: "paused",
  sold_out: "soldout",
  ended: "ended",
};

function saleScreen({ saleState, startsAtMs, endsAtMs }: ScreenFacts, nowMs: number): Screen {
  const stopped = SALE_SCREENS[saleState];
  if (stopped !== undefined) {
    return stopped;
  }
  if (nowMs >= endsAtMs) {
    return "ended";
  }
  // The shop's clock opens the button; the word "active" may be two seconds behind it.
  return saleState !== "active" && nowMs < startsAtMs ? "countdown" : "joining";
}

/** The place as this browser has shown it, so that a shown place never gets worse. */
export interface PlaceMemory {
  readonly number: number | null;
  readonly ahead: number | null;
  /** How many were ahead at first: the start of the progress. */
  readonly startAhead: number | null;
}

/** Takes in a view. A new number is a new place in line and starts afresh. */
export function rememberPlace(memory: PlaceMemory | null, view: QueueView): PlaceMemory {
  const known = memory !== null && memory.number === view.number ? memory : null;
  const ahead = lower(known?.ahead ?? null, view.ahead);
  return { number: view.number, ahead, startAhead: known?.startAhead ?? ahead };
}

function lower(before: number | null, now: number | null): number | null {
  if (before === null || now === null) {
    return now ?? before;
  }
  return Math.min(before, now);
}

/** How far the shopper has come, 0 to 1; null while nothing is known. */
export function progressShare({ ahead, startAhead }: PlaceMemory): number | null {
  if (ahead === null || startAhead === null) {
    return null;
  }
  return startAhead === 0 ? 1 : 1 - ahead / startAhead;
}

/** What the waiting panel says. */
export interface WaitingText {
  /** How many are ahead, as large type; null while the shop has given no place. */
  readonly ahead: string | null;
  readonly label: string;
  readonly estimate: string | null;
  readonly progress: number | null;
}

/** Puts a place into words; numbers only as the shop gave them. */
export function waitingText(view: QueueView, place: PlaceMemory): WaitingText {
  const { ahead } = place;
  const estimate = view.estimate;
  return {
    ahead: ahead === null ? null : formatNumber(ahead),
    label: aheadLabel(ahead),
    estimate:
      estimate === null || view.paused
        ? null
        : formatEstimate(estimate.minSeconds, estimate.maxSeconds),
    progress: progressShare(place),
  };
}

function aheadLabel(ahead: number | null): string {
  if (ahead === null) {
    return "Your place is being drawn";
  }
  return ahead === 1 ? "person ahead of you" : "people ahead of you";
}

/** Which credentials a poll carries beside the ticket. */
export interface PollCredentials {
  readonly bearer: boolean;
  readonly pass: boolean;
}

/**
 * A waiting poll needs the ticket alone, which the edge answers by itself. The bearer goes along
 * only to claim: when the turn may have come by the time of this poll and there is no pass yet, or
 * when the shop asked who this is.
 */
export function pollCredentials(
  last: QueueView | null,
  hasPass: boolean,
  wasAskedWho: boolean,
): PollCredentials {
  return { bearer: !hasPass && (wasAskedWho || mayBeInvited(last)), pass: hasPass };
}

function mayBeInvited(last: QueueView | null): boolean {
  if (last?.state !== "waiting") {
    return false;
  }
  const leastMs = last.estimate === null ? Infinity : last.estimate.minSeconds * 1_000;
  return last.ahead === 0 || leastMs <= last.pollAfterMs;
}

/** Whatever is told, a page never asks more often than this. */
const POLL_FLOOR_MS = 250;
/** Whatever is told, a page looks again within this: the shop may have reopened. */
const POLL_CEILING_MS = 5 * 60_000;
/** A hidden page whose turn is at least this far away sleeps. */
const FAR_SECONDS = 120;
/** A sleeping page wakes after this share of the least wait, well before it can be invited. */
const SLEEP_SHARE = 0.5;

/** The circumstances of a poll that has just been answered. */
export interface PollMoment {
  readonly hidden: boolean;
  readonly sentBearer: boolean;
  /** Uniform in [0, 1), so that pages told the same delay do not return together. */
  readonly random: number;
}

/** When to poll next, in ms; null when this place needs no more polls. */
export function pollDelayMs(view: QueueView, moment: PollMoment): number | null {
  if (isOver(view)) {
    return null;
  }
  if (view.state === "waiting" && view.ahead === 0 && !view.paused && !moment.sentBearer) {
    // Invited: claim at once.
    return 0;
  }
  const toldMs = Math.min(Math.max(view.pollAfterMs, POLL_FLOOR_MS), POLL_CEILING_MS);
  return spreadMs(Math.max(toldMs, moment.hidden ? sleepMs(view) : 0), moment.random);
}

function isOver(view: QueueView): boolean {
  // Sold out may reopen when a hold comes back, so that one stays on slow polls.
  const closedForGood = view.state === "closed" && view.reason !== "sold_out";
  return (
    closedForGood || view.state === "lapsed" || view.state === "expired" || view.state === "left"
  );
}

function sleepMs(view: QueueView): number {
  const leastSeconds = view.state === "waiting" ? (view.estimate?.minSeconds ?? 0) : 0;
  return leastSeconds < FAR_SECONDS
    ? 0
    : Math.min(leastSeconds * SLEEP_SHARE * 1_000, POLL_CEILING_MS);
}

/** What a screen reader was last told about the place. */
export interface SpokenPlace {
  readonly ahead: number;
  readonly atMs: number;
}

/** Spoken updates come no closer together than this. */
const SPEAK_GAP_MS = 15_000;
/** A place that moves slowly is spoken of again after this. */
const SPEAK_AGAIN_MS = 60_000;

/**
 * What to tell a screen reader about the place now, or null to stay quiet: polite, when the line
 * ahead has halved or a minute has gone by, never with every poll.
 */
export function placeToSpeak(
  spoken: SpokenPlace | null,
  text: WaitingText,
  ahead: number | null,
  nowMs: number,
): string | null {
  if (ahead === null || (spoken !== null && !isWorthSaying(spoken, ahead, nowMs))) {
    return null;
  }
  const wait = text.estimate === null ? "" : ` Estimated wait: ${text.estimate}.`;
  return `${formatNumber(ahead)} ${text.label}.${wait}`;
}

function isWorthSaying(spoken: SpokenPlace, ahead: number, nowMs: number): boolean {
  const sinceMs = nowMs - spoken.atMs;
  const isCloser = ahead < spoken.ahead;
  return (
    isCloser && sinceMs >= SPEAK_GAP_MS && (ahead <= spoken.ahead / 2 || sinceMs >= SPEAK_AGAIN_MS)
  );
}
