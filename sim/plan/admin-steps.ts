import type { LiveControls } from "../../domain/queue/settings.ts";
import type { Dice } from "../kernel/dice.ts";
import { SHOPPERS_MAX } from "./crowd.ts";
import {
  EARLY_MAX_MS,
  LATE_MAX_MS,
  START_MS,
  TROUBLE_MS,
  type AdminAction,
  type AdminStep,
  type Plan,
} from "./plan.ts";

/** An admin takes so many steps at most … */
const ADMIN_STEPS_MAX = 8;
/** … between a while before the start and this long after it. */
const ADMIN_MAX_MS = 40_000;
/** An admin takes back the place of one of the first. */
const REVOKED_MAX_NUMBER = 5;
/** An admin refunds one of so many orders. */
const ORDERS_MAX_PICK = 9;
/** In these shares of the seeds an admin moves the start, and the end to where somebody notices. */
const START_MOVES_SHARE = 0.2;
const END_MOVES_SHARE = 0.1;
/** The start moves this far back or on; the end comes so long after the start. */
const START_MOVES_MAX_MS = 10_000;
const END_MIN_MS = 10_000;

/** Draws what an admin does, and when. */
export function adminOf(dice: Dice, items: Plan["items"]): AdminStep[] {
  const steps = Array.from({ length: dice.int(0, ADMIN_STEPS_MAX) }, () => ({
    atMs: START_MS + dice.int(-EARLY_MAX_MS, ADMIN_MAX_MS),
    action: actionOf(dice, items),
  }));
  return steps.sort((a, b) => a.atMs - b.atMs);
}

function actionOf(dice: Dice, items: Plan["items"]): AdminAction {
  const roll = dice.int(1, 25);
  if (roll === 1) return { kind: "end" };
  if (roll <= 6) return { kind: "pause" };
  if (roll <= 11) return { kind: "resume" };
  if (roll <= 13) return { kind: "adjust", changes: liveSettings(dice) };
  if (roll <= 15) return { kind: "adjust", changes: switches(dice) };
  if (roll <= 16) return { kind: "revoke", number: dice.int(1, REVOKED_MAX_NUMBER) };
  if (roll > 20) return { kind: "refund", pick: dice.int(0, ORDERS_MAX_PICK) };
  const { sku } = dice.pick(items);
  return { kind: "restock", sku, quantity: dice.chance(0.7) ? dice.int(1, 3) : -dice.int(1, 2) };
}

function switches(dice: Dice): Partial<LiveControls> {
  const control = dice.pick(["queueAll", "suspended", "draining"] as const);
  return { [control]: dice.chance(0.5), message: `${control} at ${dice.int(0, 999)}` };
}

type Admissions = Pick<
  LiveControls,
  "newUsersPerMinute" | "totalActiveUsers" | "sessionDurationSeconds" | "disableSessionRenewal"
>;

/** What a sale begins with, and what an admin may change at any time. */
export function liveSettings(dice: Dice): Admissions {
  return {
    newUsersPerMinute: dice.pick([12, 300, 6_000]),
    totalActiveUsers: dice.pick([1, 2, 3, 8]),
    sessionDurationSeconds: dice.int(10, 40),
    disableSessionRenewal: dice.chance(0.5),
  };
}

/** Around the start an admin moves it, too late now and then; later the end. */
export function withMoves(steps: AdminStep[], dice: Dice): AdminStep[] {
  const moves: AdminStep[] = [];
  if (dice.chance(START_MOVES_SHARE)) {
    const startsAtMs = START_MS + dice.int(-EARLY_MAX_MS, START_MOVES_MAX_MS);
    const atMs = START_MS + dice.int(-EARLY_MAX_MS, EARLY_MAX_MS);
    moves.push({ atMs, action: { kind: "move", changes: { startsAtMs } } });
  }
  if (dice.chance(END_MOVES_SHARE)) {
    const endsAtMs = START_MS + dice.int(END_MIN_MS, TROUBLE_MS);
    const atMs = START_MS + dice.int(0, LATE_MAX_MS);
    moves.push({ atMs, action: { kind: "move", changes: { endsAtMs } } });
  }
  return [...steps, ...moves].sort((a, b) => a.atMs - b.atMs);
}

/** Pause and resume in turn; now and then one place is taken back instead. */
export function stopOf(dice: Dice, index: number): AdminAction {
  if (dice.chance(0.3)) return { kind: "revoke", number: dice.int(1, SHOPPERS_MAX) };
  return { kind: index % 2 === 0 ? "pause" : "resume" };
}
