import { remind } from "../../workers/purchase/messages/reminders.ts";
import type { Dice } from "../kernel/dice.ts";
import { WorkerCaller } from "../platform/worker.ts";
import { START_MS, type Plan } from "../plan/plan.ts";
import type { Witness } from "./witness.ts";
import { SALE_ID, type World } from "./world.ts";

/** Who wants to be reminded asks from this long before the start to this long after it. */
const EARLY_MAX_MS = 8_000;
const LATE_MAX_MS = 2_000;
/** What failed is repeated after this long at most, so often. */
const RETRY_MAX_US = 2_000_000;
const TRIES_MAX = 6;

/** Shoppers who ask to be told when the sale starts, through the purchase Worker's own function. */
export class Reminders {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #dice: Dice;

  constructor(world: World, witness: Witness) {
    this.#world = world;
    this.#witness = witness;
    this.#dice = world.kernel.dice.fork("reminders");
  }

  /** Asks for everyone who has the habit. */
  begin({ shoppers }: Plan): void {
    for (const { subject, habits } of shoppers)
      if (habits.includes("wants_reminder")) void this.#ask(subject);
  }

  async #ask(shopper: string): Promise<void> {
    const { scheduler } = this.#world.kernel;
    const atMs = START_MS + this.#dice.int(-EARLY_MAX_MS, LATE_MAX_MS);
    await scheduler.sleep(atMs * 1000 - scheduler.nowUs);
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (await this.#isAnswered(shopper)) return;
      await scheduler.sleep(this.#dice.int(0, RETRY_MAX_US));
    }
  }

  async #isAnswered(shopper: string): Promise<boolean> {
    const { kernel } = this.#world;
    const worker = new WorkerCaller(kernel, "reminders");
    this.#witness.operations += 1;
    this.#witness.remindersAsked.add(shopper);
    try {
      const env = this.#world.purchaseEnv(worker);
      const answer = await remind(env, SALE_ID, shopper, worker.runtime.now());
      if (answer.ok) this.#witness.reminders.add(shopper);
      return answer.ok || answer.code !== "not_found";
    } catch {
      return false;
    }
  }
}
