import { Dice } from "../kernel/dice.ts";
import { EARLY_MAX_MS, START_MS, TROUBLE_MS, type Plan, type StaffStep } from "./plan.ts";

/** In this share of the seeds somebody else of the staff is at work beside the admin, with so many steps at most. */
const STAFF_SHARE = 0.4;
const STEPS_MAX = 6;
/** One of a sale's names and a product's prices. */
const NAMES_MAX = 999;

/** What staff does beside leading the sale. */
export const STAFF_KINDS = [
  "rename",
  "reprice",
  "restock_twice",
  "stop_together",
  "summary",
  "orders",
  "events",
  "verify",
  "export",
  "rebuild",
  "restore",
  "fairness",
] as const;

/** Draws what others of the staff do, and when; by dice of their own. */
export function staffOf(seed: number, items: Plan["items"]): StaffStep[] {
  const dice = new Dice(seed, "staff");
  if (!dice.chance(STAFF_SHARE)) return [];
  const steps = Array.from({ length: dice.int(1, STEPS_MAX) }, () => ({
    atMs: START_MS + dice.int(-EARLY_MAX_MS, TROUBLE_MS),
    kind: dice.pick(STAFF_KINDS),
    sku: dice.pick(items).sku,
    value: dice.int(1, NAMES_MAX),
  }));
  return steps.sort((a, b) => a.atMs - b.atMs);
}
