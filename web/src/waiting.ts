/**
 * The waiting view as a pure state machine: from what the shop last said and the shop's time to the
 * screen, what the next poll carries and when it is due. No page, no clock, no network in here.
 */
import type { Order, OrderStatus, QueueState, QueueView, SaleState } from "./contract.ts";
import { spreadMs } from "./backoff.ts";
import { isBeingRefunded, needsBank, wasDeclined } from "./order-text.ts";

/** What the sale page shows; the value of `data-state` on its main element. */
export type Screen =
  | "countdown"
  | "joining"
  | "waiting"
  | "admitted"
  | "reserved"
  | "offered"
  | "paying"
  | "action"
  | "confirmed"
  | "refunding"
  | "refunded"
  | "declined"
  | "expired"
  | "soldout"
  | "waitlist"
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
  /** Whether the order is an offer from the waiting list. */
  readonly isOffer: boolean;
  /** Whether this browser waits on the list for the article that is looked at, and it is still out. */
  readonly isListed: boolean;
}

/** Chooses the screen: an open order comes first, then the place in line, then the sale itself. */
export function chooseScreen(facts: ScreenFacts, nowMs: number): Screen {
  const byOrder = facts.order === null ? null : orderScreen(facts.order);
  if (byOrder !== null) {
    return byOrder === "reserved" && facts.isOffer ? "offered" : byOrder;
  }
  const screen = facts.hasTicket ? lineScreen(facts) : saleScreen(facts, nowMs);
  // Units that come back go to the list first: there is nothing to be had in the line meanwhile.
  return facts.isListed && !BEFORE_AND_AFTER.has(screen) ? "waitlist" : screen;
}

const BEFORE_AND_AFTER: ReadonlySet<Screen> = new Set(["countdown", "ended"]);

function lineScreen({ view, saleState }: ScreenFacts): Screen {
  return view === null ? "joining" : (placeScreen(view, saleState) ?? "joining");
}

const ORDER_SCREENS: Readonly<Record<OrderStatus, Screen | null>> = {
  RESERVED: "reserved",
  PAYMENT_PENDING: "paying",
  CONFIRMED: "confirmed",
  SHIPPED: "confirmed",
  DELIVERED: "confirmed",
  REFUNDED: "refunded",
  PAYMENT_FAILED: "declined",
  EXPIRED: "expired",
  CANCELLED: null,
};

/** The screen of an order; null for a cancelled one, which gives way to the place in line. */
export function orderScreen(order: Order): Screen | null {
  if (needsBank(order)) {
    return "action";
  }
  if (isBeingRefunded(order)) {
    return "refunding";
  }
  return wasDeclined(order) ? "declined" : ORDER_SCREENS[order.status];
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

/** Which credentials a poll carries beside the ticket. */
export interface PollCredentials {
  readonly bearer: boolean;
  readonly pass: boolean;
}

/** What the credentials of a poll depend on. */
export interface PollReasons {
  readonly hasPass: boolean;
  /** The shop asked who this is. */
  readonly wasAskedWho: boolean;
  /** The shopper is there and the turn can be made longer. */
  readonly renews: boolean;
}

/**
 * A waiting poll needs the ticket alone, which the edge answers by itself. The bearer goes along
 * only to claim, when the turn may have come by the time of this poll and there is no pass yet, or
 * to have the turn made longer.
 */
export function pollCredentials(
  last: QueueView | null,
  { hasPass, wasAskedWho, renews }: PollReasons,
): PollCredentials {
  const bearer = hasPass ? renews : wasAskedWho || mayBeInvited(last);
  return { bearer, pass: hasPass };
}

function mayBeInvited(last: QueueView | null): boolean {
  if (last?.state !== "waiting") {
    return false;
  }
  const leastMs = last.estimate === null ? Infinity : last.estimate.minSeconds * 1_000;
  return last.ahead === 0 || leastMs <= last.pollAfterMs;
}

/** Whatever is told, a page never asks more often than this. */
export const POLL_FLOOR_MS = 250;
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
  /** By the shop's clock. */
  readonly nowMs: number;
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
  const drawInMs = Date.parse(view.drawsAt ?? "") - moment.nowMs;
  if (drawInMs > 0) {
    // What is told is spread already, by little: a share of half a minute would be long to wait.
    return Math.max(toldMs, drawInMs);
  }
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
