import type { Refusal } from "../../domain/problem.ts";
import type { Dice } from "../kernel/dice.ts";
import type { Scheduler } from "../kernel/scheduler.ts";

/** What failed is repeated so often at most, after this long at most: a database may be out for ten minutes. */
const TRIES_MAX = 1_500;
const RETRY_MAX_US = 2_000_000;

/**
 * Asks until there is an answer that is not "busy"; `null` is none.
 *
 * @throws Error when none ever comes.
 */
export async function insist<Done extends { ok: true }>(
  scheduler: Scheduler,
  dice: Dice,
  ask: () => Promise<Done | Refusal | null>,
): Promise<Done | Refusal> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const answer = await ask();
    if (answer && (answer.ok || answer.code !== "busy")) return answer;
    await scheduler.sleep(dice.int(0, RETRY_MAX_US));
  }
  throw new Error("A command of the staff was never answered.");
}
