/** A place on a waiting list in words, and when to ask for it. No page, no clock in here. */
import type { ItemStatus, SaleState, WaitlistView } from "./contract.ts";
import { formatNumber } from "./format.ts";

/** Whatever is told, a page never asks for its place more often than this. */
const POLL_FLOOR_MS = 1_000;
/** With a socket that lives, which brings offers, a place is asked for this often all the same. */
const LIVE_POLL_MS = 30_000;

/** Whether a place in line is among those that an article is offered to right now. */
export function isOfferedTo(
  items: readonly ItemStatus[],
  sku: string,
  number: number | null,
): boolean {
  const offered = items.find((item) => item.sku === sku)?.offered ?? [];
  return number !== null && offered.includes(number);
}

/** When to ask for a place next, in ms; null when only its order is left to be asked for, or nothing. */
export function listPollMs({ state, pollAfterMs }: WaitlistView, isLive: boolean): number | null {
  return state === "waiting" ? Math.max(pollAfterMs, isLive ? LIVE_POLL_MS : POLL_FLOOR_MS) : null;
}

const TAKES_PEOPLE: ReadonlySet<SaleState> = new Set(["active", "paused", "sold_out"]);

/** Whether somebody can wait for an article: it is out, or has just been refused as sold out. */
export function hasList(
  state: SaleState,
  item: ItemStatus | undefined,
  wasRefused: boolean,
): boolean {
  return TAKES_PEOPLE.has(state) && (wasRefused || item?.available === 0);
}

/** What the panel of the waiting list says. */
export interface ListText {
  readonly heading: string;
  /** As large type. */
  readonly position: string;
  /** How many wait in all; null while unknown. */
  readonly all: string | null;
}

/** Puts a place on the list into words. */
export function listText(position: number, waiting: number | undefined): ListText {
  // The count of everyone may be two seconds behind the place.
  const all = waiting === undefined ? null : Math.max(waiting, position);
  return {
    heading: position === 1 ? "You are next" : "You are on the waiting list",
    position: formatNumber(position),
    all: all === null ? null : allText(all),
  };
}

function allText(all: number): string {
  return all === 1 ? "Nobody else is waiting" : `${formatNumber(all)} people wait in all`;
}

/** How many wait already, for who thinks of joining; null where that is nothing to tell. */
export function waitersText(waiting: number | undefined): string | null {
  if (waiting === undefined) {
    return null;
  }
  if (waiting === 0) {
    return "Nobody is on the waiting list yet.";
  }
  return waiting === 1
    ? "One person is on the waiting list."
    : `${formatNumber(waiting)} people are on the waiting list.`;
}

/** What a screen reader hears when a place on the list has changed; empty to stay quiet. */
export function listToSpeak(spoken: number | null, position: number | null): string {
  // The first one is on the panel, which has just been read.
  return spoken === null || position === null
    ? ""
    : `Now number ${formatNumber(position)} on the waiting list.`;
}
