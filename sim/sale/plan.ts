import type { QueueSettings } from "../../domain/queue/settings.ts";
import { Dice } from "../kernel/dice.ts";
import { FAULT_KINDS, type FaultKind } from "../kernel/faults.ts";

/** When simulated sales start: a fixed Sunday noon. */
export const START_MS = Date.UTC(2030, 5, 2, 12);
/** Everything goes wrong from a while before the start until this long after it. */
export const TROUBLE_MS = 60_000;
/** Shoppers come in from this long before the start … */
const EARLY_MAX_MS = 5_000;
/** … to this long after it. */
const LATE_MAX_MS = 30_000;
/** In a burst all come within this long after the start. */
const BURST_MAX_MS = 500;
const SHOPPERS_MAX = 16;
/** A shopper has each habit with this chance; in a wayward crowd, with the second one. */
const HABIT_SHARE = 0.1;
const WAYWARD_HABIT_SHARE = 0.3;
const ADMIN_STEPS_MAX = 6;
/** A seed has each kind of fault with this chance: quiet seeds reach further than those with all. */
const FAULT_SHARE = 0.5;

/** What a shopper does beside joining, waiting and buying. */
export const HABITS = [
  "double_clicks",
  "two_devices",
  "replays",
  "forges",
  "steals",
  "changes_mind",
  "leaves",
  "abandons_line",
  "abandons_hold",
  "gives_up_soon",
  "cancels",
  "wants_more",
] as const;

export type Habit = (typeof HABITS)[number];

export interface ShopperPlan {
  subject: string;
  /** Relative to the start of the sale. */
  arrivesAfterMs: number;
  sku: string;
  quantity: number;
  /** The payment token: what the provider will say. */
  token: "tok_ok" | "tok_decline" | "tok_declined_once";
  habits: Habit[];
}

export type AdminAction =
  | { kind: "pause" | "resume" | "end" }
  | { kind: "restock"; sku: string; quantity: number };

export interface AdminStep {
  atMs: number;
  action: AdminAction;
}

/** Everything that a seed decides beforehand. Shrinking takes parts of it away. */
export interface Plan {
  seed: number;
  faults: FaultKind[];
  items: { sku: string; stock: number }[];
  perShopper: number;
  holdSeconds: number;
  startsAsDraft: boolean;
  queue: QueueSettings;
  shoppers: ShopperPlan[];
  admin: AdminStep[];
}

/** Draws a sale and its troubles from a seed. */
export function planOf(seed: number): Plan {
  const dice = new Dice(seed, "plan");
  const items = Array.from({ length: dice.int(1, 2) }, (_, index) => ({
    sku: `sku-${index + 1}`,
    stock: dice.int(1, 6),
  }));
  const crowd: Crowd = {
    items,
    isBurst: dice.chance(0.5),
    habitShare: dice.chance(0.3) ? WAYWARD_HABIT_SHARE : HABIT_SHARE,
  };
  const shoppers = Array.from({ length: dice.int(3, SHOPPERS_MAX) }, (_, index) =>
    shopperOf(dice.fork(`shopper/${index}`), index, crowd),
  );
  return {
    seed,
    faults: FAULT_KINDS.filter(() => dice.chance(FAULT_SHARE)),
    items,
    perShopper: dice.int(1, 3),
    holdSeconds: dice.int(5, 30),
    startsAsDraft: dice.chance(0.1),
    queue: {
      queueingMethod: "fifo",
      newUsersPerMinute: dice.pick([12, 300, 6_000]),
      totalActiveUsers: dice.pick([1, 2, 3, 8]),
      sessionDurationSeconds: dice.int(10, 40),
      claimSeconds: dice.int(3, 15),
      reorderWindowMs: dice.pick([0, 50, 250]),
      lanes: dice.int(1, 3),
      prequeueStartsAtMs: dice.chance(0.5) ? START_MS - EARLY_MAX_MS : null,
    },
    shoppers,
    admin: Array.from({ length: dice.int(0, ADMIN_STEPS_MAX) }, () => ({
      atMs: START_MS + dice.int(-EARLY_MAX_MS, TROUBLE_MS),
      action: actionOf(dice, items),
    })).sort((a, b) => a.atMs - b.atMs),
  };
}

/** What shoppers of one seed have in common. */
interface Crowd {
  items: Plan["items"];
  isBurst: boolean;
  habitShare: number;
}

function shopperOf(dice: Dice, index: number, { items, isBurst, habitShare }: Crowd): ShopperPlan {
  return {
    subject: `g_${index + 1}`,
    arrivesAfterMs: isBurst ? dice.int(0, BURST_MAX_MS) : dice.int(-EARLY_MAX_MS, LATE_MAX_MS),
    sku: dice.pick(items).sku,
    quantity: dice.chance(0.8) ? 1 : 2,
    token: dice.chance(0.7) ? "tok_ok" : dice.pick(["tok_decline", "tok_declined_once"] as const),
    habits: HABITS.filter(() => dice.chance(habitShare)),
  };
}

function actionOf(dice: Dice, items: Plan["items"]): AdminAction {
  const roll = dice.int(1, 20);
  if (roll === 1) return { kind: "end" };
  if (roll <= 6) return { kind: "pause" };
  if (roll <= 11) return { kind: "resume" };
  const { sku } = dice.pick(items);
  return { kind: "restock", sku, quantity: dice.chance(0.7) ? dice.int(1, 3) : -dice.int(1, 2) };
}
