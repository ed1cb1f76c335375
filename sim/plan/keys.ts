import type { Dice } from "../kernel/dice.ts";
import { LATE_MAX_MS, START_MS, type KeyStep } from "./plan.ts";

/** In so many of the seeds the keys of tokens are changed while the sale runs, and in so many those of its log. */
const TOKENS_SHARE = 0.3;
const LOG_SHARE = 0.3;
/** Where tokens' keys are, a key that has sealed for a while is withdrawn at the gateway. */
const WITHDRAWN_SHARE = 0.5;
const STEP_MIN_MS = 5_000;
const STEP_MAX_MS = 25_000;

/** Draws which keys are put when: the new one first, the one that bindings are made with last. */
export function keysOfPlan(dice: Dice): KeyStep[] {
  const steps: KeyStep[] = [];
  let atMs = START_MS + dice.int(-STEP_MIN_MS, LATE_MAX_MS);
  const put = (ring: KeyStep["ring"], kids: string[]): void => {
    steps.push({ atMs, ring, kids });
    atMs += dice.int(STEP_MIN_MS, STEP_MAX_MS);
  };
  if (dice.chance(LOG_SHARE)) put("log", ["later", "sim"]);
  if (!dice.chance(TOKENS_SHARE)) return steps;
  put("tokens", ["second", "sim"]);
  if (!dice.chance(WITHDRAWN_SHARE)) return steps;
  put("tokens", ["third", "second", "sim"]);
  put("tokens", ["third", "sim"]);
  return steps;
}
