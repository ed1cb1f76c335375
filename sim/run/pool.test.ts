import { describe, expect, it } from "vitest";
import { runSeeds, seedsFrom } from "./pool.ts";
import { Tally } from "./tally.ts";

const SEEDS = 4;
/** Threads take their time on a busy machine. */
const TIMEOUT_MS = 30_000;

async function tallyOf(threads: number): Promise<Tally> {
  const tally = new Tally();
  await runSeeds(seedsFrom(11, SEEDS), { threads, onResult: (result) => tally.add(result) });
  return tally;
}

describe("a pool of threads", { timeout: TIMEOUT_MS }, () => {
  it("comes to the same hash on one thread and on several", async () => {
    const alone = await tallyOf(1);
    expect(alone.seeds).toBe(SEEDS);
    expect(alone.distinctHistories).toBe(SEEDS);
    expect(alone.finished).toBe(SEEDS);
    expect((await tallyOf(2)).hash).toBe(alone.hash);
  });

  it("begins no seed once it is told that it is enough, or interrupted", async () => {
    let results = 0;
    await runSeeds(seedsFrom(1, SEEDS), { threads: 1, onResult: () => ++results < 2 });
    expect(results).toBe(2);
    const interrupt = new AbortController();
    await runSeeds(seedsFrom(1, SEEDS), {
      threads: 1,
      signal: interrupt.signal,
      onResult: () => {
        results += 1;
        interrupt.abort();
      },
    });
    expect(results).toBe(3);
  });
});
