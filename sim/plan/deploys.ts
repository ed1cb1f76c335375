import { Dice } from "../kernel/dice.ts";
import { START_MS, TROUBLE_MS, type DeployPlan } from "./plan.ts";

/** In this share of the seeds a new version is rolled out while the sale runs … */
const DEPLOY_SHARE = 0.3;
/** … from a while before its start to this long after it, and for so long there are two of it. */
const EARLY_MAX_MS = 3_000;
const LATE_MAX_MS = 25_000;
const LASTS_MIN_MS = 500;
const LASTS_MAX_MS = 15_000;
/** Of those so many are taken back once, wherever it is by then, and rolled out again. */
const ROLLBACK_SHARE = 0.4;
/** What the version before left in the queues is delivered in the middle of the sale, and so long after all trouble. */
const AFTER_TROUBLE_MAX_MS = 3_000;

/** Draws whether a new version is rolled out, and when; by dice of their own. */
export function deployOf(seed: number): DeployPlan | null {
  const dice = new Dice(seed, "deploy");
  if (!dice.chance(DEPLOY_SHARE)) return null;
  const startsAtMs = START_MS + dice.int(-EARLY_MAX_MS, LATE_MAX_MS);
  const lastsMs = dice.int(LASTS_MIN_MS, LASTS_MAX_MS);
  const isTakenBack = dice.chance(ROLLBACK_SHARE);
  const backAtMs = startsAtMs + dice.int(0, LASTS_MAX_MS);
  return {
    startsAtMs,
    lastsMs,
    rollback: isTakenBack ? { backAtMs, againAtMs: backAtMs + dice.int(0, LASTS_MAX_MS) } : null,
    leftoversAtMs: [
      startsAtMs + dice.int(0, TROUBLE_MS / 2),
      START_MS + TROUBLE_MS + dice.int(0, AFTER_TROUBLE_MAX_MS),
    ],
  };
}
