import { parseArgs } from "node:util";
import type { Effort } from "./measure.ts";
import { WORKS, type Work } from "./works.ts";

/** Below this many pairs an interval says little; the report says so. */
export const PAIRS_MIN = 30;
const PAIRS_MAX = 1000;
/** wrk takes whole seconds; a longer run than this would need too many prepared requests. */
const SECONDS_MAX = 10;
const QUICK: Effort = { seconds: 1, pairs: 2 };

/** What `npm run bench` is asked for. */
export interface CompareOptions {
  works: readonly Work[];
  /** Names of the systems that take part; the ceilings always do. */
  systems: readonly string[];
  effort: Effort;
  /** Folder and file name, without ending, of the report. */
  report: string;
}

/** The command line is not right; the message says what is. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Reads the command line; null when help is wanted. Throws `UsageError`. */
export function readCompareOptions(
  args: readonly string[],
  allSystems: readonly string[],
): CompareOptions | null {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const values = parse(args, {
    help: flag,
    quick: flag,
    only: text,
    systems: text,
    seconds: text,
    pairs: text,
    report: text,
  });
  if (values["help"] === true) return null;
  const usual = values["quick"] === true ? QUICK : { seconds: 1, pairs: PAIRS_MIN };
  const names = WORKS.map(({ name }) => name as string);
  const only = chosen("only", values["only"], names);
  return {
    works: WORKS.filter(({ name }) => only.includes(name)),
    systems: chosen("systems", values["systems"], allSystems),
    effort: {
      seconds: whole("seconds", values["seconds"], usual.seconds, SECONDS_MAX),
      pairs: whole("pairs", values["pairs"], usual.pairs, PAIRS_MAX),
    },
    report: typeof values["report"] === "string" ? values["report"] : "bench/reports/compare",
  };
}

/** The text of `--help`. */
export function compareUsage(allSystems: readonly string[]): string {
  return `npm run bench -- [options]
  --only     works, with commas between: ${WORKS.map(({ name }) => name).join(",")}
  --systems  systems, with commas between: ${allSystems.join(",")}
  --pairs    turns of each system (${PAIRS_MIN})
  --seconds  of one turn (1)
  --quick    ${QUICK.pairs} turns: whether everything works, not how fast it is
  --report   where the report goes, without the ending (bench/reports/compare)`;
}

type Values = Record<string, string | boolean | undefined>;

function parse(
  args: readonly string[],
  options: Record<string, { type: "string" | "boolean" }>,
): Values {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function chosen(option: string, value: unknown, all: readonly string[]): readonly string[] {
  if (typeof value !== "string") return all;
  const wanted = value.split(",").map((name) => name.trim());
  const unknown = wanted.find((name) => !all.includes(name));
  if (unknown === undefined) return all.filter((name) => wanted.includes(name));
  throw new UsageError(`--${option}: there is no "${unknown}"; there are ${all.join(", ")}`);
}

function whole(option: string, value: unknown, usual: number, max: number): number {
  if (value === undefined) return usual;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new UsageError(`--${option} must be a whole number from 1 to ${max}`);
}
