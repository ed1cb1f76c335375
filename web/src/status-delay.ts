/** How often the sale's public figures are asked for, by what depends on them. */
import type { SaleModel } from "./sale-model.ts";

export const STATUS_POLL_MS = {
  turn: 2_000,
  open: 5_000,
  line: 15_000,
  far: 30_000,
  /** While a socket brings them, in case that it does not. */
  live: 60_000,
} as const;
/** The first look after the opening comes this late, so that the answer is not from before it. */
const OPENING_GRACE_MS = 300;

/** When to ask for the figures next, in ms. */
export function statusDelayMs(
  { view, hasTicket, status }: Pick<SaleModel, "view" | "hasTicket" | "status">,
  { isLive, isHidden, nowMs }: { isLive: boolean; isHidden: boolean; nowMs: number },
): number {
  const untilStartMs = Date.parse(status?.startsAt ?? "") - nowMs;
  const ceilingMs = isLive ? STATUS_POLL_MS.live : STATUS_POLL_MS.far;
  if (untilStartMs > 0) {
    return Math.min(untilStartMs + OPENING_GRACE_MS, ceilingMs);
  }
  if (isLive) {
    return STATUS_POLL_MS.live;
  }
  if (view?.state === "admitted") {
    return STATUS_POLL_MS.turn;
  }
  return hasTicket || isHidden ? STATUS_POLL_MS.line : STATUS_POLL_MS.open;
}
