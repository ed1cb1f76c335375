/** What the sale page says outside its panels: in the tab's title and to screen readers. */
import { setText } from "./dom.ts";
import { formatClock, formatNumber } from "./format.ts";
import type { SaleModel } from "./sale-model.ts";
import { placeToSpeak, waitingText, type Screen, type SpokenPlace } from "./waiting.ts";

/** The tab's title: the place while waiting, the time left once it is limited. */
export function saleTitle(screen: Screen, model: SaleModel, nowMs: number): string {
  return [titleStart(screen, model, nowMs), model.sale.name, "Ropeline"]
    .filter((part) => part !== null)
    .join(" · ");
}

const FIXED_STARTS: Readonly<Partial<Record<Screen, string>>> = {
  admitted: "Your turn!",
  declined: "Declined",
  confirmed: "Confirmed",
  soldout: "Sold out",
};

function titleStart(screen: Screen, model: SaleModel, nowMs: number): string | null {
  const ahead = model.place?.ahead ?? null;
  if (screen === "waiting" && ahead !== null) {
    return `${formatNumber(ahead)} ahead`;
  }
  const fixed = FIXED_STARTS[screen] ?? null;
  const deadline = screen === "admitted" ? model.pass?.expiresAt : model.order?.expiresAt;
  const isRunning = screen === "admitted" || screen === "reserved" || screen === "declined";
  const leftMs = Date.parse(deadline ?? "") - nowMs;
  if (!isRunning || !(leftMs > 0)) {
    return fixed;
  }
  const left = formatClock(leftMs);
  return screen === "admitted" ? `${fixed} ${left} left` : `${left} to pay`;
}

/** Speaks of the place now and then; a new panel speaks for itself, since it gets the focus. */
export type Speaker = (screen: Screen, model: SaleModel, nowMs: number) => void;

/** Builds the voice over a polite live region. */
export function createSpeaker(region: HTMLElement): Speaker {
  let spoken: SpokenPlace | null = null;
  return (screen, { view, place }, nowMs) => {
    if (screen !== "waiting" || view === null || place?.ahead == null) {
      spoken = null;
      return;
    }
    const sentence = placeToSpeak(spoken, waitingText(view, place), place.ahead, nowMs);
    if (sentence !== null) {
      spoken = { ahead: place.ahead, atMs: nowMs };
      setText(region, sentence);
    }
  };
}
