import { drawsPlaces } from "../../domain/queue/shuffle.ts";
import type { Dice } from "../kernel/dice.ts";
import { liveSettings, stopOf } from "./admin-steps.ts";
import {
  BURST_MAX_MS,
  EARLY_MAX_MS,
  LATE_MAX_MS,
  PLENTY_UNITS,
  PUBLIC_VALUE,
  START_MS,
  type Plan,
} from "./plan.ts";

/** In this share of the seeds an admin turns the capacity down while the first ones are called. */
const SQUEEZE_SHARE = 0.1;
const SQUEEZE_MAX_MS = 3_000;
/** In this share of the others one pauses and resumes so many times. */
const STOP_SHARE = 0.15;
const STOPS_MIN_STEPS = 3;
const STOPS_MAX_STEPS = 10;
/** Of the sales with early entry so many are shuffled at their start. */
const SHUFFLE_SHARE = 0.5;
const EARLY_SHARE = 0.7;
/** Of the sales that draw places so many name a public value; an admin brings it in time or too early, … */
const PUBLIC_VALUE_SHARE = 0.4;
const VALUE_MAX_MS = 20_000;
/** … and in this share of them another one as well. */
const OTHER_VALUE_SHARE = 0.3;
/** In this share of the seeds the waiting list is where things happen: little stock, short holds … */
const LIST_SHARE = 0.15;
const LIST_MAX_UNITS = 3;
const LIST_HOLD_MIN_SECONDS = 8;
const LIST_HOLD_MAX_SECONDS = 15;
/** … and shoppers who let holds and offers go, each habit with this chance. */
const LIST_HABITS = ["asks_early", "abandons_hold", "lingers", "ignores_offer"] as const;
const LIST_HABIT_SHARE = 0.5;
/** In this share of the seeds it is the rate that lets people in: there is room and stock for more. */
const METERED_SHARE = 0.04;
const METERED_PER_MINUTE = 6;

/** Of the sales with early entry some are shuffled, and then most come before the start or race it. */
export function shuffled(plan: Plan, dice: Dice): Plan {
  if (plan.queue.prequeueStartsAtMs === null || !dice.chance(SHUFFLE_SHARE)) return plan;
  const comesEarly = (): boolean => dice.chance(EARLY_SHARE);
  return {
    ...plan,
    queue: { ...plan.queue, shuffleAtStart: true },
    shoppers: plan.shoppers.map((shopper) =>
      comesEarly()
        ? { ...shopper, arrivesAfterMs: dice.int(-EARLY_MAX_MS, BURST_MAX_MS) }
        : shopper,
    ),
  };
}

/** In some sales an admin is what everything turns on. */
export function ledBy(plan: Plan, dice: Dice): Plan {
  if (dice.chance(SQUEEZE_SHARE)) return squeezed(plan, dice);
  return dice.chance(STOP_SHARE) ? stopped(plan, dice) : plan;
}

/** There is enough for everybody, and an admin stops the sale again and again while they buy. */
function stopped(plan: Plan, dice: Dice): Plan {
  const steps = dice.int(STOPS_MIN_STEPS, STOPS_MAX_STEPS);
  const times = Array.from({ length: steps }, () => START_MS + dice.int(0, LATE_MAX_MS));
  return {
    ...plan,
    items: plan.items.map(({ sku }) => ({ sku, stock: PLENTY_UNITS })),
    queue: { ...plan.queue, newUsersPerMinute: 6_000, totalActiveUsers: 8 },
    admin: times
      .sort((a, b) => a - b)
      .map((atMs, index) => ({ atMs, action: stopOf(dice, index) })),
  };
}

/** Many are called at once, and then an admin lets in one at a time: those who ask have to wait. */
function squeezed(plan: Plan, dice: Dice): Plan {
  const wide = { ...liveSettings(dice), newUsersPerMinute: 6_000, totalActiveUsers: 8 };
  const narrow = { ...wide, totalActiveUsers: 1 };
  const atMs = START_MS + dice.int(0, SQUEEZE_MAX_MS);
  return {
    ...plan,
    items: plan.items.map(({ sku }) => ({ sku, stock: PLENTY_UNITS })),
    queue: { ...plan.queue, ...wide },
    admin: [{ atMs, action: { kind: "adjust", changes: narrow } }],
  };
}

/** In some sales there is enough of everything but the rate. */
export function metered(plan: Plan, dice: Dice): Plan {
  if (!dice.chance(METERED_SHARE)) return plan;
  const bounds = { newUsersPerMinute: METERED_PER_MINUTE, totalActiveUsers: 8 };
  return {
    ...plan,
    items: plan.items.map(({ sku }) => ({ sku, stock: PLENTY_UNITS })),
    queue: { ...plan.queue, ...bounds },
  };
}

/** In some sales that draw places the draw waits for a public value; who brings it comes at any time. */
export function withPublicValue(plan: Plan, dice: Dice): Plan {
  if (!drawsPlaces(plan.queue) || !dice.chance(PUBLIC_VALUE_SHARE)) return plan;
  const values = dice.chance(OTHER_VALUE_SHARE) ? [PUBLIC_VALUE, "c0de"] : [PUBLIC_VALUE];
  const steps = values.map((value) => ({
    atMs: START_MS + dice.int(-EARLY_MAX_MS, VALUE_MAX_MS),
    action: { kind: "randomness" as const, value },
  }));
  return {
    ...plan,
    queue: { ...plan.queue, publicRandomness: { source: "beacon", round: "1" } },
    admin: [...plan.admin, ...steps].sort((a, b) => a.atMs - b.atMs),
  };
}

/** In some sales there is little to be had, holds come to nothing, and many wait on the list meanwhile. */
export function listed(plan: Plan, dice: Dice): Plan {
  if (!dice.chance(LIST_SHARE)) return plan;
  return {
    ...plan,
    items: plan.items.map(({ sku }) => ({ sku, stock: dice.int(1, LIST_MAX_UNITS) })),
    holdSeconds: dice.int(LIST_HOLD_MIN_SECONDS, LIST_HOLD_MAX_SECONDS),
    queue: { ...plan.queue, newUsersPerMinute: 6_000, totalActiveUsers: 8 },
    shoppers: plan.shoppers.map((shopper) => {
      const habits = LIST_HABITS.filter((habit) => {
        return dice.chance(LIST_HABIT_SHARE) && !shopper.habits.includes(habit);
      });
      return { ...shopper, habits: [...shopper.habits, ...habits] };
    }),
  };
}
