import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import type { FloodFigures } from "./report.ts";
import type { Latency, MemorySample } from "./soak/series.ts";
import type { Trend } from "./soak/trend.ts";

const run = promisify(execFile);

/** What a run was of, so that another can be made like it. */
export interface Origin {
  command: string;
  at: string;
  /** Empty where it is not known. */
  commit: string;
  /** Whether the files were those of the commit. */
  isClean: boolean;
  node: string;
  workerd: string;
  cpus: number;
  platform: string;
}

/** What is saved of every long run: all that was acknowledged and all units, accounted for. */
export interface Saved extends Origin {
  what: "kills" | "chaos" | "soak";
  seconds: number;
  requests: number;
  connectionsLost: number;
  shoppers: number;
  units: FloodFigures["units"];
  accounts: FloodFigures["accounts"];
  breaches: FloodFigures["breaches"];
}

/** What many kills of the server came to. */
export interface KillFigures {
  count: number;
  /** Those that came before everything was sold. */
  whileSelling: number;
  placesCompared: number;
  secondsToReady: { p50: number; max: number };
}

/** What was done to objects and batches, by class. */
export interface ChaosFigures {
  aborted: Record<string, number>;
  evicted: Record<string, number>;
  copies: number;
}

/** How memory and latency went, and whether they stayed flat. */
export interface SoakFigures {
  minutes: number;
  warmUpMinutes: number;
  memory: MemorySample[];
  latency: Latency[];
  trends: Trend[];
}

/** A long run as its file has it, with what is its own. */
export interface SavedRun extends Saved {
  kills?: KillFigures;
  chaos?: ChaosFigures;
  soak?: SoakFigures;
}

/** The command as it was typed, and the versions of all that ran. */
export async function originOf(script: string, args: readonly string[]): Promise<Origin> {
  const git = async (...words: string[]): Promise<string> =>
    run("git", words).then(
      ({ stdout }) => stdout.trim(),
      () => "",
    );
  const commit = await git("rev-parse", "HEAD");
  const changes = await git("status", "--porcelain", "--untracked-files=no");
  const workerd = createRequire(import.meta.url)("workerd/package.json") as { version: string };
  return {
    command: ["npm run", script, ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    at: new Date().toISOString(),
    commit,
    isClean: commit !== "" && changes === "",
    node: process.version,
    workerd: workerd.version,
    cpus: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Of the figures of a finished run, what is saved. */
export function savedOf(what: Saved["what"], origin: Origin, figures: FloodFigures): Saved {
  const { accounts, breaches, lostConnections, requests, seconds, shoppers, units } = figures;
  return {
    what,
    ...origin,
    seconds,
    requests,
    connectionsLost: lostConnections,
    shoppers,
    units,
    accounts,
    breaches,
  };
}

/** Writes a file of JSON. */
export async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
