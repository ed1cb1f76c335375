import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { UsageError } from "../bench/options.ts";
import { INTERRUPTED, runCommand } from "./run/command.ts";
import { missingOf } from "./run/coverage.ts";
import { investigate } from "./run/investigate.ts";
import { parseCommand, usageOf, type Option } from "./run/options.ts";
import { runSeeds, seedsFrom } from "./run/pool.ts";
import { showProgress } from "./run/progress.ts";
import { provenance, headline, renderRun, renderSeed } from "./run/report.ts";
import type { SeedResult } from "./run/seed.ts";
import { renderSaved, SavedRun } from "./run/saved.ts";
import { Tally } from "./run/tally.ts";
import { withThread } from "./run/thread.ts";
import { readable } from "./run/trace.ts";
import { planFor } from "./plan/long.ts";

const COMMAND = "npm run sim --";
const SEEDS = 1000;
const SEED_MAX = 2 ** 31;
/** Some hours of simulated time; a sale lasts for a day. */
const OPERATIONS_MAX = 400_000;
const THREADS_MAX = 256;
/** So many broken seeds say enough: no more are begun. */
const BROKEN_MAX = 10;
/** Shrunk are the first seeds that break each invariant, of so many invariants. */
const SHRUNK_MAX = 3;
const TRACE_FOLDER = join(import.meta.dirname, "../.sim");

const OPTIONS = {
  seeds: { bounds: [1, 10_000_000], help: `how many sales to simulate (${SEEDS})` },
  from: { bounds: [0, SEED_MAX], help: "the first seed (1)" },
  threads: { bounds: [1, THREADS_MAX], help: "how many at once (one a core)" },
  seed: { bounds: [0, SEED_MAX], help: "runs this seed alone, twice, and compares" },
  operations: {
    bounds: [1, OPERATIONS_MAX],
    help: "how many shopper calls in each, about (its own crowd: some 450)",
  },
  save: {
    valueName: "FILE",
    help: "appends a line every 1,000 seeds; goes on behind the last one of a file that is there",
  },
  trace: { help: "with --seed: writes its whole history to a file" },
} as const satisfies Record<string, Option>;

/** What a run is told, beside its seeds. */
interface Run {
  /** How many shopper calls a sale has; `undefined`: as many as its seed says. */
  operations: number | undefined;
  signal: AbortSignal;
}

/** Simulates sales, seed by seed, and looks whether every promise is kept. */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { numbers, texts, flags } = parseCommand(args, OPTIONS);
  if (flags.has("help")) {
    console.log(usageOf(COMMAND, OPTIONS));
    return 0;
  }
  const { seed, seeds, from, threads, operations } = numbers;
  if (seed === undefined) {
    if (flags.has("trace")) throw new UsageError("--trace needs --seed");
    const run = { threads: threads ?? availableParallelism(), operations, signal };
    const { save } = texts;
    return save === undefined
      ? many(from ?? 1, seeds ?? SEEDS, run)
      : saved(save, from ?? 1, seeds ?? SEEDS, run);
  }
  if ((seeds ?? from ?? threads ?? texts.save) !== undefined)
    throw new UsageError("--seed runs one seed: leave --seeds, --from, --threads and --save out");
  return one(seed, { isTraced: flags.has("trace"), operations, signal });
}

/** Runs many seeds; 1 when a promise is broken or something was never exercised. */
async function many(
  from: number,
  count: number,
  { threads, operations, signal }: Run & { threads: number },
): Promise<number> {
  console.log(`Simulating ${count} sales from seed ${from}`);
  const tally = new Tally();
  const startMs = performance.now();
  const progress = showProgress(count);
  try {
    await runSeeds(seedsFrom(from, count), {
      threads,
      operations,
      signal,
      onResult: (result) => {
        tally.add(result);
        progress.update(tally.seeds, `${tally.broken.length} broken`);
        return tally.broken.length < BROKEN_MAX;
      },
    });
  } finally {
    progress.stop();
  }
  const seconds = (performance.now() - startMs) / 1000;
  const missing = missingOf(tally.seeds, tally.exercised);
  console.log(renderRun(tally, { seconds, threads, missing, ...provenance() }));
  for (const { seed, violations } of tally.broken)
    for (const violation of violations.slice(0, 1))
      console.log(`seed ${seed} breaks ${headline(violation)}`);
  if (signal.aborted) return INTERRUPTED;
  if (tally.seeds < count) console.log(`Stopped at ${tally.broken.length} broken seeds.`);
  await shrinkAll(tally.broken, { operations, signal });
  return tally.broken.length + missing.length === 0 ? 0 : 1;
}

/** Runs many seeds into a file, or those that are not in it; whatever breaks is written down, and the run goes on. */
async function saved(
  file: string,
  from: number,
  count: number,
  { threads, operations, signal }: Run & { threads: number },
): Promise<number> {
  const terms = { from, count, threads, operationsASale: operations ?? null, ...provenance() };
  const run = new SavedRun(file, terms);
  console.log(`Simulating ${run.left} sales from seed ${run.next}, into ${file}`);
  const progress = showProgress(run.left);
  let done = 0;
  let broken = 0;
  try {
    await runSeeds(seedsFrom(run.next, run.left), {
      threads,
      operations,
      signal,
      onResult: (result) => {
        run.add(result);
        if (result.violations.length > 0) broken += 1;
        progress.update(++done, `${broken} broken`);
      },
    });
  } finally {
    progress.stop();
  }
  console.log(renderSaved(run.chunks));
  if (signal.aborted) return INTERRUPTED;
  return run.chunks.some(({ violations }) => violations.length > 0) ? 1 : 0;
}

/** Shrinks the first seed of each invariant that was broken. */
async function shrinkAll(
  broken: readonly SeedResult[],
  { operations, signal }: Run,
): Promise<void> {
  const first = Map.groupBy(broken, ({ violations }) => violations[0]?.invariant);
  await withThread({ signal }, async (thread) => {
    for (const [result] of [...first.values()].slice(0, SHRUNK_MAX))
      if (result) await investigate(result, thread, operations);
  });
}

/** Runs one seed twice, in threads of their own; 1 when it breaks a promise or differs. */
async function one(
  seed: number,
  { isTraced, operations, signal }: Run & { isTraced: boolean },
): Promise<number> {
  const play = (): Promise<SeedResult | null> =>
    withThread({ signal }, (thread) => thread.run(planFor(seed, operations), isTraced));
  const [result, again] = await Promise.all([play(), play()]);
  if (!result || !again) return INTERRUPTED;
  console.log(renderSeed(result, provenance()));
  if (isTraced) await writeTrace(`seed-${seed}.txt`, result);
  for (const violation of result.violations) console.log(`breaks ${headline(violation)}`);
  const isSame = result.hash === again.hash;
  console.log(isSame ? "The second run had the same hash." : `The second run had ${again.hash}`);
  if (result.violations.length === 0) return isSame ? 0 : 1;
  const shrunk = await withThread({ signal }, (thread) => investigate(result, thread, operations));
  if (shrunk && isTraced) await writeTrace(`seed-${seed}-shrunk.txt`, shrunk);
  return 1;
}

async function writeTrace(name: string, { lines }: SeedResult): Promise<void> {
  await mkdir(TRACE_FOLDER, { recursive: true });
  const path = join(TRACE_FOLDER, name);
  await writeFile(path, `${readable(lines).join("\n")}\n`);
  console.log(`${lines.length} lines written to ${relative(process.cwd(), path)}`);
}

await runCommand(main);
