/** What the sale page says outside its panels: in the tab's title, to screen readers, and by its sound. */
import { setText } from "./dom.ts";
import { formatClock, formatNumber } from "./format.ts";
import { listToSpeak } from "./list-text.ts";
import { isToBeAsked } from "./renewal.ts";
import type { SaleModel } from "./sale-model.ts";
import { availableUnits, placeToSpeak, waitingText, type SpokenPlace } from "./waiting-text.ts";
import type { Screen } from "./waiting.ts";

/** The tab's title: the place while waiting, the time left once it is limited. */
export function saleTitle(screen: Screen, model: SaleModel, nowMs: number): string {
  return [titleStart(screen, model, nowMs), model.sale.name, "Ropeline"]
    .filter((part) => part !== null)
    .join(" · ");
}

const FIXED_STARTS: Readonly<Partial<Record<Screen, string>>> = {
  admitted: "Your turn!",
  offered: "One is yours!",
  declined: "Declined",
  action: "Your bank asks",
  confirmed: "Confirmed",
  refunding: "Refund under way",
  refunded: "Refunded",
  soldout: "Sold out",
};

function titleStart(screen: Screen, model: SaleModel, nowMs: number): string | null {
  const ahead = model.place?.ahead ?? null;
  if (screen === "waiting") {
    return ahead === null ? "Draw" : `${formatNumber(ahead)} ahead`;
  }
  if (screen === "waitlist") {
    const position = model.list?.view?.position ?? null;
    return position === null ? "Waiting list" : `Number ${formatNumber(position)} on the list`;
  }
  const fixed = FIXED_STARTS[screen] ?? null;
  const deadline = screen === "admitted" ? model.pass?.expiresAt : model.order?.expiresAt;
  const isRunning = RUNNING.has(screen);
  const leftMs = Date.parse(deadline ?? "") - nowMs;
  if (!isRunning || !(leftMs > 0)) {
    return fixed;
  }
  const left = formatClock(leftMs);
  if (screen === "admitted") {
    return isToBeAsked(model.renewal, nowMs)
      ? `Still there? ${left} left`
      : `${fixed} ${left} left`;
  }
  return screen === "offered" ? `${fixed} ${left} to pay` : `${left} to pay`;
}

const RUNNING: ReadonlySet<Screen> = new Set(["admitted", "reserved", "offered", "declined"]);

const BEFORE_GOOD_NEWS: ReadonlySet<Screen> = new Set([
  "countdown",
  "waiting",
  "paused",
  "soldout",
  "waitlist",
]);

/** Whether to sound: the turn or an offer has come while the page was open, or the turn is about to go. */
export function isToSound(
  before: { readonly screen: Screen; readonly isAsked: boolean } | null,
  { screen, isAsked }: { readonly screen: Screen; readonly isAsked: boolean },
): boolean {
  if (before === null || (screen !== "admitted" && screen !== "offered")) {
    return false;
  }
  return BEFORE_GOOD_NEWS.has(before.screen) || (isAsked && !before.isAsked);
}

/** Speaks of the place now and then, and of a turn about to go; a new panel speaks for itself, since it gets the focus. */
export type Speaker = (screen: Screen, model: SaleModel, nowMs: number) => void;

/** Builds the voice over a polite live region. */
export function createSpeaker(region: HTMLElement): Speaker {
  let spoken: SpokenPlace | null = null;
  let listed: number | null = null;
  return (screen, model, nowMs) => {
    const { view, place, status, list } = model;
    if (screen === "waitlist") {
      const position = list?.view?.position ?? null;
      if (position !== listed) {
        setText(region, listToSpeak(listed, position));
      }
      listed = position;
      spoken = null;
      return;
    }
    listed = null;
    if (screen !== "waiting" || view === null || place?.ahead == null) {
      spoken = null;
      const isAsked = screen === "admitted" && isToBeAsked(model.renewal, nowMs);
      setText(region, isAsked ? "Still there? Your turn is about to end." : "");
      return;
    }
    const text = waitingText(view, place, availableUnits(status));
    const sentence = placeToSpeak(spoken, text, place.ahead, nowMs);
    if (sentence !== null) {
      spoken = { ahead: place.ahead, atMs: nowMs };
      setText(region, sentence);
    }
  };
}
