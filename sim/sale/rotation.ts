import type { Dice } from "../kernel/dice.ts";
import type { Edge } from "./edge.ts";
import { keysOf } from "./keys.ts";
import { followLog } from "./log-reader.ts";
import type { Witness } from "./witness.ts";
import { SALE_ID, type World } from "./world.ts";

/** New keys are everywhere after this at most, each isolate at its own moment. */
const SPREAD_MAX_US = 20_000_000;

/** Keys are put while the sale runs: isolates start anew with them, one after the other. */
export class Rotation {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #edges: readonly Edge[];
  readonly #dice: Dice;

  constructor(world: World, witness: Witness, edges: readonly Edge[]) {
    this.#world = world;
    this.#witness = witness;
    this.#edges = edges;
    this.#dice = world.kernel.dice.fork("rotation");
  }

  begin(): void {
    const { kernel, plan } = this.#world;
    if (plan.keys.some(({ ring }) => ring === "log")) void followLog(this.#world, this.#witness);
    for (const { atMs, ring, kids } of plan.keys)
      kernel.scheduler.schedule(atMs * 1000 - kernel.scheduler.nowUs, () => {
        kernel.note(`keys of ${ring}: ${kids.join(", ")}`);
        if (ring === "log") this.#putLog(kids);
        else this.#putTokens(kids);
      });
  }

  #putLog(kids: readonly string[]): void {
    this.#world.keys.log = keysOf(kids);
    this.#later(() => this.#world.host("QUEUE_SEQUENCER", SALE_ID).crash("new keys"));
  }

  #putTokens(kids: readonly string[]): void {
    const { keys } = this.#world;
    const isForPurchase = keys.putTokens(kids);
    for (const edge of this.#edges) this.#later(() => edge.restart());
    if (isForPurchase) this.#later(() => keys.restart("purchase"));
  }

  #later(restart: () => void): void {
    this.#world.kernel.scheduler.schedule(this.#dice.int(0, SPREAD_MAX_US), restart);
  }
}
