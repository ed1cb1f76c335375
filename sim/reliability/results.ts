import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SavedHunt } from "../mutants/saved.ts";
import type { Chunk } from "../run/saved.ts";

/** What was told to shoppers, and what of it was there in the end. */
interface Account {
  told: number;
  there: number;
}

/** A run against real workerd, as the drivers save it. */
export interface RealRun {
  what: "kills" | "chaos" | "soak";
  command: string;
  at: string;
  commit: string;
  isClean: boolean;
  node: string;
  workerd: string;
  cpus: number;
  platform: string;
  seconds: number;
  requests: number;
  connectionsLost: number;
  shoppers: number;
  units: Record<string, number>;
  accounts: Record<string, Account>;
  breaches: { promise: string; count: number }[];
  kills?: {
    count: number;
    /** Those that came before everything was sold. */
    whileSelling: number;
    placesCompared: number;
    secondsToReady: { p50: number; max: number };
  };
  chaos?: { aborted: Record<string, number>; evicted: Record<string, number>; copies: number };
  soak?: {
    minutes: number;
    memory: { minute: number; workerdMb: number; hostMb: number }[];
    latency: { minute: number; calls: number; p50Ms: number; p99Ms: number }[];
    trends: {
      what: string;
      unit: string;
      median: number;
      rise: number;
      bound: number;
      isFlat: boolean;
    }[];
  };
}

/** Everything that was measured, by the file that it is in. */
export interface Results {
  /** Runs of many seeds, a line each thousand. */
  seeds: [file: string, chunks: Chunk[]][];
  mutants: [file: string, hunt: SavedHunt][];
  real: [file: string, run: RealRun][];
}

/**
 * Reads all result files of a folder: lines of seeds (`.jsonl`), hunts for mutants and runs of the drivers (`.json`).
 *
 * @throws Error that names the file which is none of them.
 */
export function readResults(folder: string): Results {
  const results: Results = { seeds: [], mutants: [], real: [] };
  for (const file of readdirSync(folder).sort()) {
    const isLines = file.endsWith(".jsonl");
    if (!isLines && !file.endsWith(".json")) continue;
    const text = readFileSync(join(folder, file), "utf8").trim();
    try {
      if (isLines)
        results.seeds.push([file, text.split("\n").map((line) => JSON.parse(line) as Chunk)]);
      else sort(results, file, JSON.parse(text) as SavedHunt | RealRun);
    } catch (error) {
      throw new Error(`${file} is no result of a run: ${String(error)}`, { cause: error });
    }
  }
  return results;
}

function sort({ mutants, real }: Results, file: string, result: SavedHunt | RealRun): void {
  if ("kind" in result) mutants.push([file, result]);
  else if ("what" in result) real.push([file, result]);
  else throw new Error("it does not say what it is");
}
