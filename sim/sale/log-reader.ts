import { isInfrastructure } from "../platform/network.ts";
import { WorkerCaller } from "../platform/worker.ts";
import type { Witness } from "./witness.ts";
import { SALE_ID, type World } from "./world.ts";

const EVERY_MS = 3_000;
/** Who follows a log does so for some minutes. */
const READS_MAX = 60;

/** Somebody outside who follows the sale's public log, checkpoint by checkpoint. */
export async function followLog(world: World, witness: Witness): Promise<void> {
  const { scheduler } = world.kernel;
  const dice = world.kernel.dice.fork("log reader");
  const caller = new WorkerCaller(world.kernel, "log reader");
  for (let reads = 0; reads < READS_MAX; reads++) {
    await scheduler.sleep(dice.int(0, 2 * EVERY_MS) * 1000);
    try {
      const note = await world.sequencers(caller).getByName(SALE_ID).checkpoint();
      if (note !== null) witness.checkpoints.push(note);
    } catch (error) {
      if (!isInfrastructure(error)) throw error;
    }
  }
}
