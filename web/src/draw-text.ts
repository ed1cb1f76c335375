/** A draw in words. No page, no clock in here. */
import type { PublicRandomness, QueueView, Sale } from "./contract.ts";

/** What the panel of a draw says. */
export interface DrawText {
  readonly heading: string;
  /** What is waited for, once no clock tells it. */
  readonly now: string;
  readonly explained: string;
}

/** A public random value by name: `drand round 4711`. */
export function valueName({ source, round }: PublicRandomness): string {
  return `${source} round ${round}`;
}

/** What somebody is told whose place is still to be drawn. */
export function drawText({ queue }: Pick<Sale, "queue">, view: QueueView | null): DrawText {
  const missing = view?.drawsAfter;
  if (missing !== undefined) {
    return {
      heading: "Your place will be drawn",
      now: `Places are drawn as soon as ${valueName(missing)} is known.`,
      explained: `${drawnWho("before the start")} Nobody could know that value before, the shop no more than you. Who came after the start is behind them.`,
    };
  }
  const isInRounds = queue.queueingMethod === "random";
  return {
    heading: "Your place is being drawn",
    now: "Drawing the places…",
    explained: `${drawnWho(isInRounds ? "in this half minute" : "before the start")} It makes no difference who was first.`,
  };
}

/** What somebody is told who is in the line before the start; `null` where no places are drawn. */
export function earlyDrawText({ queue }: Pick<Sale, "queue">): string | null {
  if (queue.shuffleAtStart !== true && queue.queueingMethod !== "random") {
    return null;
  }
  const { publicRandomness } = queue;
  const when =
    publicRandomness === undefined
      ? "in the moment the sale opens"
      : `when the sale is open and ${valueName(publicRandomness)} is known`;
  return `Everyone who is here before the start gets a place by a public draw, ${when}.`;
}

function drawnWho(when: string): string {
  return `Everyone who came ${when} gets a place by a public draw.`;
}
