import type { ParseArgsConfig } from "node:util";
import { type NumberOption, numberFrom, parseOrExplain, UsageError } from "../options.ts";

const NUMBERS = {
  runs: { fallback: 5, min: 1, max: 25, help: "runs of each drain; the median counts" },
  sockets: { fallback: 5000, min: 1, max: 20_000, help: "sockets of the part of that name" },
  joins: { fallback: 1500, min: 1, max: 20_000, help: "joins a second of the part of that name" },
  "join-seconds": { fallback: 10, min: 1, max: 60, help: "for so long" },
  seed: { fallback: 1, min: 0, max: 2 ** 31, help: "of the shoppers' choices" },
} as const satisfies Record<string, NumberOption>;

/**
 * The burst that a virtual machine with two cores takes with the driver beside it: 500 joins a second. At
 * twice as many joins wait for seconds, and what is measured is the overload.
 */
const BURST_SCALE = 0.25;
/** A detour costs another object call a join: a burst that leaves the machine time to be on time. */
const DELAY_SCALE = 0.05;
const SCALES = {
  scale: { fallback: BURST_SCALE, help: "of the burst: factor for 20,000 shoppers in ten seconds" },
  "delay-scale": { fallback: DELAY_SCALE, help: "of the burst with delays" },
} as const;
const SCALE_MAX = 10;

/** What `npm run figures` is asked for. */
export interface FiguresOptions {
  numbers: Record<keyof typeof NUMBERS, number>;
  scales: Record<keyof typeof SCALES, number>;
  /** Names of the parts to run, in the order of all parts. */
  parts: readonly string[];
  report: string | undefined;
}

/** Parses the command line; null when help was asked for. Throws `UsageError`. */
export function parseFiguresOptions(
  args: readonly string[],
  allParts: readonly string[],
): FiguresOptions | null {
  const options: ParseArgsConfig["options"] = { help: { type: "boolean" } };
  for (const name of [...Object.keys(NUMBERS), ...Object.keys(SCALES), "only", "report"])
    options[name] = { type: "string" };
  const { values } = parseOrExplain({ args: [...args], options });
  if (values["help"] === true) return null;
  const numbers = Object.fromEntries(
    Object.entries(NUMBERS).map(([name, option]) => [name, numberFrom(name, values[name], option)]),
  ) as FiguresOptions["numbers"];
  const scales = Object.fromEntries(
    Object.entries(SCALES).map(([name, { fallback }]) => [
      name,
      scaleFrom(name, values[name], fallback),
    ]),
  ) as FiguresOptions["scales"];
  const report = typeof values["report"] === "string" ? values["report"] : undefined;
  return { numbers, scales, parts: partsFrom(values["only"], allParts), report };
}

/** The text of `--help`. */
export function figuresUsage(allParts: readonly string[]): string {
  const lines = Object.entries({ ...SCALES, ...NUMBERS }).map(
    ([name, { fallback, help }]) => `  --${name.padEnd(14)} ${help} (${fallback})`,
  );
  return [
    "npm run figures -- [options]",
    `  --${"only".padEnd(14)} parts to run, with commas between: ${allParts.join(",")}`,
    ...lines,
    `  --${"report".padEnd(14)} file to write the rows to, as JSON`,
  ].join("\n");
}

function partsFrom(only: unknown, allParts: readonly string[]): readonly string[] {
  if (typeof only !== "string") return allParts;
  const wanted = new Set(only.split(",").map((name) => name.trim()));
  const unknown = [...wanted].find((name) => !allParts.includes(name));
  if (unknown === undefined) return allParts.filter((name) => wanted.has(name));
  throw new UsageError(`--only: there is no part "${unknown}"; there are ${allParts.join(", ")}`);
}

function scaleFrom(name: string, text: unknown, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text === "" || !(value > 0 && value <= SCALE_MAX)) {
    throw new UsageError(`--${name} must be a number above 0, at most ${SCALE_MAX}`);
  }
  return value;
}
