import { nextTurnAtMs } from "../domain/books/turns.ts";
import { TICK_MS } from "../domain/queue/admission.ts";
import type { LineRecord } from "./sequencer-store.ts";

/** Ticks come from a timer; this alarm brings the timer back when the object was lost. */
const WATCHDOG_MS = 5_000;
/**
 * Ticks while nobody is admitted (paused, sold out) or nobody is there to be: only what time brings is settled. Each
 * that finds somebody inside writes a row, and is a board for everyone who watches.
 */
const TICK_IDLE_MS = 1_000;

/** When a line has to be looked at again. */
export interface WakePlan {
  /** By an alarm; `null`: by none. */
  alarmAtMs: number | null;
  /** The next tick comes within this; `null`: there is none, since nobody waits or is inside, or the sale does not run. */
  tickMs: number | null;
}

/**
 * Ticks while anyone waits or is inside, and an alarm for the sale's start and end.
 *
 * @param open whether anybody was admitted at the last tick.
 */
export function wakePlan(
  { control, line, turns }: LineRecord,
  open: boolean,
  nowMs: number,
): WakePlan {
  const turnAtMs = nextTurnAtMs(control, turns);
  const by = (atMs: number): number => Math.min(turnAtMs ?? Infinity, atMs);
  const { mode, startsAtMs, endsAtMs } = control;
  const isWaited = line.lastNumber > line.cursor || line.openInvitations > 0;
  const busy = isWaited || line.inside > 0;
  if (!busy || mode === "draft" || mode === "ended" || nowMs >= endsAtMs)
    return { alarmAtMs: turnAtMs, tickMs: null };
  if (nowMs < startsAtMs) return { alarmAtMs: by(startsAtMs), tickMs: null };
  const tickMs = open && isWaited ? TICK_MS : TICK_IDLE_MS;
  return { alarmAtMs: by(nowMs + WATCHDOG_MS), tickMs };
}
