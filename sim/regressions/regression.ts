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

/** A sale in which the simulator once saw a bug and there was none. */
export interface Unfounded {
  /** What was reported. */
  said: string;
  /** Why it was not so. */
  why: string;
  by: string;
  plan: Plan;
}

/** All bugs, by the names of their files. */
export function readRegressions(): Map<string, Regression> {
  return plansIn<Regression>(import.meta.dirname);
}

/** All sales that were wrongly called broken. */
export function readUnfounded(): Map<string, Unfounded> {
  return plansIn<Unfounded>(join(import.meta.dirname, "unfounded"));
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what a folder's files hold is known by who reads it
function plansIn<Kept>(folder: string): Map<string, Kept> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return new Map(
    files
      .sort()
      .map((file) => [file, JSON.parse(readFileSync(join(folder, file), "utf8")) as Kept]),
  );
}
