import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../plan/plan.ts";

/** A bug that the simulator has found, as it is kept: what brings it back has to be reported again. */
export interface Regression {
  /** What was wrong, in a sentence. */
  found: string;
  /** How it was found: the command, and where the seed still means it the commit. */
  by: string;
  /** What was reported. */
  invariant: string;
  mended: string;
  /** The mutant that brings it back. */
  mutant: string;
  /** The sale that shows it, shrunk; seeds mean other sales as soon as plans are drawn otherwise. */
  plan: Plan;
}

/** All of them, by the names of their files. */
export function readRegressions(): Map<string, Regression> {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".json"));
  return new Map(
    files.sort().map((file) => {
      const text = readFileSync(join(import.meta.dirname, file), "utf8");
      return [file, JSON.parse(text) as Regression];
    }),
  );
}
