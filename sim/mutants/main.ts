import { writeFile } from "node:fs/promises";
import { UsageError } from "../../bench/options.ts";
import { INTERRUPTED, runCommand } from "../run/command.ts";
import { parseCommand, usageOf, type Option } from "../run/options.ts";
import { showProgress } from "../run/progress.ts";
import { provenance } from "../run/report.ts";
import { huntAll, type Hunted } from "./hunt.ts";
import { MUTANTS } from "./mutants.ts";
import { savedHunt } from "./saved.ts";
import { readSeen, writeSeen } from "./seen.ts";
import { renderHunt } from "./table.ts";

const COMMAND = "npm run sim:mutants --";
const THREADS = 2;
const THREADS_MAX = 256;

const OPTIONS = {
  only: { valueName: "TEXT", help: "mutants whose name contains this (all)" },
  afresh: { help: "from seed 1 on, and writes down where each is caught" },
  faultless: { help: "finds out which show under a fault alone, and under which" },
  save: { valueName: "FILE", help: "writes the result as JSON" },
  threads: { bounds: [1, THREADS_MAX], help: `how many at once (${THREADS})` },
} as const satisfies Record<string, Option>;

/**
 * Breaks the product on purpose, one guard at a time, and looks whether the simulator notices; 1 when a
 * mutant survives or no longer fits the source.
 */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { numbers, texts, flags } = parseCommand(args, OPTIONS);
  if (flags.has("help")) {
    console.log(usageOf(COMMAND, OPTIONS));
    return 0;
  }
  const only = texts.only ?? "";
  const mutants = MUTANTS.filter(({ name }) => name.includes(only));
  if (mutants.length === 0) throw new UsageError(`no mutant's name contains "${only}"`);
  let done = 0;
  const progress = showProgress(mutants.length);
  const hunted = await huntAll(mutants, {
    threads: numbers.threads ?? THREADS,
    signal,
    faultless: flags.has("faultless"),
    seenAt: flags.has("afresh") ? {} : await readSeen(),
    onHunted: ({ mutant, outcome }) => progress.update(++done, `${outcome}: ${mutant.name}`),
  });
  progress.stop();
  console.log(renderHunt(hunted));
  if (signal.aborted) return INTERRUPTED;
  if (texts.save !== undefined) await save(texts.save, args, hunted);
  if (flags.has("afresh"))
    await writeSeen(
      hunted,
      MUTANTS.map(({ name }) => name),
    );
  return hunted.every(({ outcome }) => outcome === "killed") ? 0 : 1;
}

async function save(file: string, args: readonly string[], hunted: readonly Hunted[]) {
  const command = [COMMAND, ...args].join(" ");
  const result = savedHunt(hunted, { command, ...provenance() });
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`Written to ${file}`);
}

await runCommand(main);
