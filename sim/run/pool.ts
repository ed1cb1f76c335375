import { planFor } from "../plan/long.ts";
import type { SourcePatch } from "./loader.ts";
import type { SeedResult } from "./seed.ts";
import { SimulationThread } from "./thread.ts";

export interface PoolOptions {
  threads: number;
  /** How many shopper calls a sale has, about; left out, as many as its seed says. */
  operations?: number | undefined;
  patches?: readonly SourcePatch[];
  /** Ends the threads at once when it is aborted; what they were at is dropped. */
  signal?: AbortSignal;
  /** Hears of every result as it comes; no further seed is handed out once it answers `false`. */
  onResult: (result: SeedResult) => boolean | void;
}

/**
 * Plays seeds on several threads. Each has one seed at a time and takes the next when it is done: a seed
 * takes far longer than handing it out.
 */
export async function runSeeds(seeds: Iterable<number>, options: PoolOptions): Promise<void> {
  const { patches, signal, onResult } = options;
  const threads = Array.from({ length: options.threads }, () => new SimulationThread(patches));
  const stop = (): Promise<unknown> => Promise.all(threads.map((thread) => thread.stop()));
  const next = seeds[Symbol.iterator]();
  let isOver = signal?.aborted === true;
  const abort = (): void => {
    isOver = true;
    void stop();
  };
  signal?.addEventListener("abort", abort);
  const work = async (thread: SimulationThread): Promise<void> => {
    while (!isOver) {
      const { value: seed, done } = next.next();
      if (done === true) return;
      const result = await thread.run(planFor(seed, options.operations));
      if (result && onResult(result) === false) isOver = true;
    }
  };
  try {
    await Promise.all(threads.map(work));
  } finally {
    signal?.removeEventListener("abort", abort);
    await stop();
  }
}

/** `count` seeds, `from` the first. */
export function* seedsFrom(from: number, count: number): Generator<number, undefined> {
  for (let seed = from; seed < from + count; seed++) yield seed;
}
