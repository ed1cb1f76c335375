import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { cpuSecondsOf } from "../compare/processes.ts";
import { installPeers } from "../compare/systems/peers.ts";
import { startPostgres, startRedis, type Store } from "../compare/systems/stores.ts";
import { temporaryState } from "../system.ts";

const SCRIPT = join(import.meta.dirname, "..", "peers", "hot-row.js");
/** Purchases of a round; PostgreSQL takes some seconds for them. */
const BUY_MAX = 100_000;

/** What one item of a peer takes without HTTP before it. */
export interface HotRow {
  name: string;
  /** By CPU time of the store alone; the script that calls it is not counted. */
  perCpuSecond: number;
  perSecond: number;
}

/** The item of the fastest peers, called by what calls it in `redis-fast` and `skip-locked-fast`. */
export async function measurePeers(bought: number): Promise<HotRow[]> {
  await installPeers();
  const count = Math.min(bought, BUY_MAX);
  return [
    await measure("redis-fast", count, (folder) => startRedis(folder, "always")),
    await measure("skip-locked-fast", count, startPostgres),
  ];
}

async function measure(
  name: string,
  count: number,
  start: (folder: string) => Promise<Store>,
): Promise<HotRow> {
  const state = await temporaryState();
  try {
    const store = await start(state.folder);
    try {
      const env = {
        ...process.env,
        PEER: name,
        REDIS_PORT: String(store.port),
        POSTGRES_PORT: String(store.port),
        STOCK: String(count * 2),
      };
      const buy = async (from: number): Promise<number> => {
        const args = [SCRIPT, String(from), String(count)];
        const { stdout } = await promisify(execFile)(process.execPath, args, { env });
        const { bought, kept, seconds } = JSON.parse(stdout) as Record<string, number>;
        if (bought !== count || kept !== from + count)
          throw new Error(`${name} sold ${bought} and kept ${kept} of ${from + count}`);
        return seconds ?? Number.NaN;
      };
      await buy(0);
      const before = cpuSecondsOf([store.pid]);
      const seconds = await buy(count);
      const cpuSeconds = cpuSecondsOf([store.pid]) - before;
      return { name, perCpuSecond: count / cpuSeconds, perSecond: count / seconds };
    } finally {
      await store.stop();
    }
  } finally {
    await state.remove();
  }
}
