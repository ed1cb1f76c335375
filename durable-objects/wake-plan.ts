import { nextTurnAtMs } from "../domain/books/turns.ts";
import type { LineRecord } from "./sequencer-store.ts";

/** Ticks come from a timer; this alarm brings the timer back when the object was lost. */
const WATCHDOG_MS = 5_000;

/** When a line has to be looked at again. */
export interface WakePlan {
  /** By an alarm; `null`: by none. */
  alarmAtMs: number | null;
  /** Whether ticks go on: anyone waits or is inside, and the sale runs. */
  ticks: boolean;
}

/** Ticks while anyone waits or is inside, and an alarm for the sale's start and end. */
export function wakePlan({ control, line, turns }: LineRecord, nowMs: number): WakePlan {
  const turnAtMs = nextTurnAtMs(control, turns);
  const by = (atMs: number): number => Math.min(turnAtMs ?? Infinity, atMs);
  const { mode, startsAtMs, endsAtMs } = control;
  const busy = line.lastNumber > line.cursor || line.inside > 0 || line.openInvitations > 0;
  if (!busy || mode === "draft" || mode === "ended" || nowMs >= endsAtMs)
    return { alarmAtMs: turnAtMs, ticks: false };
  if (nowMs < startsAtMs) return { alarmAtMs: by(startsAtMs), ticks: false };
  return { alarmAtMs: by(nowMs + WATCHDOG_MS), ticks: true };
}
