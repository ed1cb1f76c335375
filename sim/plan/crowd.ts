import type { Dice } from "../kernel/dice.ts";
import {
  BURST_MAX_MS,
  EARLY_MAX_MS,
  HABITS,
  LATE_MAX_MS,
  type Plan,
  type ShopperPlan,
} from "./plan.ts";

export const SHOPPERS_MAX = 16;
/** A shopper has each habit with this chance; in a wayward crowd, with the second one. */
const HABIT_SHARE = 0.1;
const WAYWARD_HABIT_SHARE = 0.3;
/** Of a crowd of no-shows more come, and this share never looks again: the line invites ahead. */
const NO_SHOWS_MIN_SHOPPERS = 20;
const NO_SHOWS_MAX_SHOPPERS = 30;
const NO_SHOW_SHARE = 0.5;

/** What shoppers of one seed have in common. */
interface Crowd {
  items: Plan["items"];
  isBurst: boolean;
  habitShare: number;
  noShowShare: number;
}

/** Draws who comes: so many, or as many as the crowd has. */
export function shoppersOf(dice: Dice, items: Plan["items"], wanted: number | null): ShopperPlan[] {
  const crowd: Crowd = {
    items,
    isBurst: dice.chance(0.5),
    habitShare: dice.chance(0.3) ? WAYWARD_HABIT_SHARE : HABIT_SHARE,
    noShowShare: dice.chance(0.1) ? NO_SHOW_SHARE : 0,
  };
  const count =
    crowd.noShowShare > 0
      ? dice.int(NO_SHOWS_MIN_SHOPPERS, NO_SHOWS_MAX_SHOPPERS)
      : dice.int(3, SHOPPERS_MAX);
  return Array.from({ length: wanted ?? count }, (_, index) =>
    shopperOf(dice.fork(`shopper/${index}`), index, crowd),
  );
}

function shopperOf(dice: Dice, index: number, crowd: Crowd): ShopperPlan {
  const { items, isBurst, habitShare, noShowShare } = crowd;
  return {
    subject: `g_${index + 1}`,
    arrivesAfterMs: isBurst ? dice.int(0, BURST_MAX_MS) : dice.int(-EARLY_MAX_MS, LATE_MAX_MS),
    sku: dice.pick(items).sku,
    quantity: dice.chance(0.8) ? 1 : 2,
    token: dice.chance(0.7)
      ? "tok_ok"
      : dice.pick(["tok_decline", "tok_declined_once", "tok_action"] as const),
    habits: HABITS.filter((habit) =>
      dice.chance(habit === "abandons_line" ? Math.max(habitShare, noShowShare) : habitShare),
    ),
  };
}
