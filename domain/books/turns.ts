import type { SaleControl } from "../purchase/sale.ts";

/** The turns of a sale's life that its chain tells, once each: when each was written, or `null`. */
export interface SaleTurns {
  startedAtMs: number | null;
  endedAtMs: number | null;
}

export type SaleTurn = "started" | "ended";

/**
 * The turns that have come by the sale's control and are not written yet, in order. A draft has none, and a
 * sale that was ended before its start has only an end: to be asked before a control is replaced as well as
 * after it.
 */
export function turnsDue(control: SaleControl, turns: SaleTurns, nowMs: number): SaleTurn[] {
  const { mode, startsAtMs, endsAtMs } = control;
  const isScheduled = mode === "open" || mode === "paused";
  const due: SaleTurn[] = [];
  if (turns.startedAtMs === null && isScheduled && nowMs >= startsAtMs) due.push("started");
  const hasEnded = mode === "ended" || (isScheduled && nowMs >= endsAtMs);
  if (turns.endedAtMs === null && hasEnded) due.push("ended");
  return due;
}

/** When the clock brings the next turn; `null` when it brings none, unless the control changes. */
export function nextTurnAtMs(control: SaleControl, turns: SaleTurns): number | null {
  const { mode, startsAtMs, endsAtMs } = control;
  if (mode === "draft" || mode === "ended") return null;
  if (turns.startedAtMs === null) return startsAtMs;
  return turns.endedAtMs === null ? endsAtMs : null;
}

/**
 * The time that a person's command is judged by: a turn that is written has come, also by a clock that has
 * gone back since.
 */
export function judgedAtMs(
  { startsAtMs, endsAtMs }: SaleControl,
  turns: SaleTurns,
  nowMs: number,
): number {
  if (turns.endedAtMs !== null) return Math.max(nowMs, endsAtMs);
  return turns.startedAtMs === null ? nowMs : Math.max(nowMs, startsAtMs);
}
