import { runEveryMinute } from "../../workers/purchase/cron.ts";
import type { Dice } from "../kernel/dice.ts";
import { WorkerCaller } from "../platform/worker.ts";
import type { World } from "./world.ts";

const MINUTE_US = 60_000_000;
/** A round begins this long after its minute at most. */
const LATE_MAX_US = 5_000_000;
/** One that is to die does so within this time. */
const DEATH_MAX_US = 50_000;

/** What is due every minute, as the platform calls it: late, and now and then never, or twice at the same time. */
export class Cron {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #threw: (error: unknown) => void;

  /** @param threw hears of a round that failed. */
  constructor(world: World, threw: (error: unknown) => void) {
    this.#world = world;
    this.#dice = world.kernel.dice.fork("cron");
    this.#threw = threw;
  }

  /** Runs a round at every minute, for ever. */
  begin(): void {
    const { scheduler, faults } = this.#world.kernel;
    scheduler.schedule(MINUTE_US - (scheduler.nowUs % MINUTE_US), () => {
      this.begin();
      const rounds = faults.happens("cron.doubled") ? 2 : 1;
      for (let round = 0; round < rounds; round++)
        scheduler.schedule(this.#dice.int(0, LATE_MAX_US), () => this.#run());
    });
  }

  #run(): void {
    const { kernel } = this.#world;
    const worker = new WorkerCaller(kernel, "cron");
    if (kernel.faults.happens("cron.missed")) {
      if (this.#dice.chance(0.5)) return kernel.note("a minute's round is missed");
      kernel.scheduler.schedule(this.#dice.int(0, DEATH_MAX_US), () => worker.kill());
    }
    kernel.note("a minute's round begins");
    runEveryMinute(this.#world.purchaseEnv(worker), worker.runtime).catch(this.#threw);
  }
}
