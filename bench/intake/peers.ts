import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
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

/** What the script says of a round. */
interface Round {
  bought: number;
  kept: number;
  seconds: number;
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
      return await measureStore(name, count, store);
    } finally {
      await store.stop();
    }
  } finally {
    await state.remove();
  }
}

/** Two rounds, of which the second counts. Whoever calls stays connected: a process that ended takes its CPU time along. */
async function measureStore(name: string, count: number, store: Store): Promise<HotRow> {
  const port = String(store.port);
  const env = { PEER: name, REDIS_PORT: port, POSTGRES_PORT: port, STOCK: String(count * 2) };
  const child = spawn(process.execPath, [SCRIPT], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const buy = async (from: number): Promise<number> => {
    child.stdin.write(`${from} ${count}\n`);
    const { bought, kept, seconds } = JSON.parse(String((await answers.next()).value)) as Round;
    if (bought === count && kept === from + count) return seconds;
    throw new Error(`${name} told ${bought} orders of ${count} and kept ${kept - from}`);
  };
  try {
    await buy(0);
    const before = cpuSecondsOf([store.pid]);
    const seconds = await buy(count);
    const cpuSeconds = cpuSecondsOf([store.pid]) - before;
    return { name, perCpuSecond: count / cpuSeconds, perSecond: count / seconds };
  } finally {
    child.stdin.end();
  }
}
