/** A place in words: what is shown, what a screen reader hears. No page, no clock in here. */
import type { QueueView, SaleStatus } from "./contract.ts";
import { formatEstimate, formatNumber } from "./format.ts";

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
  /** How long it may take; null while nobody can know. */
  readonly estimate: string | null;
  /** What stands against this place ever being served; null while the stock lasts. */
  readonly outlook: string | null;
  readonly progress: number | null;
}

/** Puts a place into words; numbers only as the shop gave them. `available` are the units left, if known. */
export function waitingText(
  view: QueueView,
  place: PlaceMemory,
  available: number | null,
): WaitingText {
  const { ahead } = place;
  const { estimate, paused } = view;
  const outlook = stockOutlook(ahead, available);
  return {
    ahead: ahead === null ? null : formatNumber(ahead),
    label: aheadLabel(ahead),
    estimate:
      estimate === null || paused || outlook !== null
        ? null
        : formatEstimate(estimate.minSeconds, estimate.maxSeconds),
    outlook,
    progress: progressShare(place),
  };
}

/** Units left to buy over all articles; null before the shop has told. */
export function availableUnits(status: Pick<SaleStatus, "items"> | null): number | null {
  return status === null || status.items.length === 0
    ? null
    : status.items.reduce((sum, item) => sum + item.available, 0);
}

function stockOutlook(ahead: number | null, available: number | null): string | null {
  if (ahead === null || available === null || ahead < available) {
    return null;
  }
  const kept = "You keep your place: units come back when others do not pay.";
  return available === 0
    ? `Every unit is in another shopper’s hands right now. ${kept}`
    : `${formatNumber(available)} left, ${formatNumber(ahead)} ahead of you: it is likely to sell out before your turn. ${kept}`;
}

function aheadLabel(ahead: number | null): string {
  if (ahead === null) {
    return "Your place is being drawn";
  }
  return ahead === 1 ? "person ahead of you" : "people ahead of you";
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
  const outlook = text.outlook === null ? "" : ` ${text.outlook}`;
  return `${formatNumber(ahead)} ${text.label}.${wait}${outlook}`;
}

function isWorthSaying(spoken: SpokenPlace, ahead: number, nowMs: number): boolean {
  const sinceMs = nowMs - spoken.atMs;
  const isCloser = ahead < spoken.ahead;
  return (
    isCloser && sinceMs >= SPEAK_GAP_MS && (ahead <= spoken.ahead / 2 || sinceMs >= SPEAK_AGAIN_MS)
  );
}
