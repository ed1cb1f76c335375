import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SavedRun } from "../../bench/saved.ts";
import type { SavedHunt } from "../mutants/saved.ts";
import type { Chunk } from "../run/saved.ts";

/** Everything that was measured, by the file that it is in. */
export interface Results {
  /** Runs of many seeds, a line each thousand. */
  seeds: [file: string, chunks: Chunk[]][];
  mutants: [file: string, hunt: SavedHunt][];
  real: [file: string, run: SavedRun][];
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
      else sort(results, file, JSON.parse(text) as SavedHunt | SavedRun);
    } catch (error) {
      throw new Error(`${file} is no result of a run: ${String(error)}`, { cause: error });
    }
  }
  return results;
}

function sort({ mutants, real }: Results, file: string, result: SavedHunt | SavedRun): void {
  if ("kind" in result) mutants.push([file, result]);
  else if ("what" in result) real.push([file, result]);
  else throw new Error("it does not say what it is");
}
