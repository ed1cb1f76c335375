import { type ParseArgsConfig, parseArgs } from "node:util";

/** A number on the command line: default, bounds, and a line for `--help`. */
export interface NumberOption {
  fallback: number;
  min: number;
  max: number;
  help: string;
}

/** Numbers that every driver knows. */
export const CROWD_OPTIONS = {
  shoppers: { fallback: 5000, min: 1, max: 1_000_000, help: "independent shoppers" },
  stock: { fallback: 500, min: 1, max: 1_000_000, help: "units for sale" },
  capacity: { fallback: 400, min: 1, max: 1_000_000, help: "how many may be inside at once" },
  rate: { fallback: 60_000, min: 1, max: 100_000_000, help: "newUsersPerMinute of the line" },
  retry: { fallback: 50, min: 0, max: 100, help: "percent of declined cards followed by another" },
  "walk-away": { fallback: 0, min: 0, max: 100, help: "percent who leave before or while paying" },
  waitlist: {
    fallback: 0,
    min: 0,
    max: 100,
    help: "percent who wait on the list while all is held",
  },
  "double-click": { fallback: 5, min: 0, max: 100, help: "percent who send every purchase twice" },
  "think-ms": { fallback: 1000, min: 0, max: 60_000, help: "mean pause between pass and purchase" },
  sockets: {
    fallback: 50,
    min: 0,
    max: 100,
    help: "percent who wait by socket, not by polls; unless given, no more than 1,000, or 20,000 by the seconds of arrivals",
  },
  seconds: { fallback: 0, min: 0, max: 3600, help: "ramp of arrivals; 0: shoppers / 1000" },
  "hold-seconds": { fallback: 120, min: 1, max: 3600, help: "how long a hold lives" },
  "claim-seconds": { fallback: 90, min: 1, max: 3600, help: "how long an invitation waits" },
  "session-seconds": { fallback: 300, min: 1, max: 3600, help: "how long a pass is good for" },
  lanes: { fallback: 8, min: 1, max: 128, help: "queue lanes of the sale" },
  intakes: { fallback: 0, min: 0, max: 64, help: "intakes of the item; 0: none" },
  concurrency: { fallback: 512, min: 1, max: 10_000, help: "connections kept open at most" },
  seed: { fallback: 1, min: 0, max: 2 ** 31, help: "of the shoppers' choices" },
  "max-minutes": { fallback: 10, min: 1, max: 600, help: "bound of the whole run" },
} as const satisfies Record<string, NumberOption>;

/** A board goes to every socket four times a second: more of them than this are a load of their own, on both ends. */
const SOCKETS_UNASKED_MAX = 1000;
/** Sockets times seconds of arrivals, for the same reason: a crowd that takes longer to arrive has fewer of them. */
const SOCKET_SECONDS_UNASKED_MAX = 20_000;

/** Shoppers per second of ramp when the ramp is not given. */
const ARRIVALS_PER_SECOND = 1000;

/** Numbers of the driver itself: they mean the same whatever the crowd does. */
export const DRIVER_OPTIONS: readonly (keyof Numbers)[] = ["concurrency", "seed", "max-minutes"];

/** Parsed numbers by option name. */
export type Numbers = Record<keyof typeof CROWD_OPTIONS, number>;

/** What was read from a command line. */
export interface ParsedOptions<Text extends string> {
  numbers: Numbers;
  texts: Partial<Record<Text, string>>;
  /** Names of the options that were there, as against the defaults. */
  given: readonly string[];
}

/** A mistake on the command line; the message says what to write instead. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Parses the command line. `fallbacks` replaces defaults, `texts` names further options that take
 * a text. Returns null when help was asked for. Throws `UsageError`.
 */
export function parseOptions<Text extends string>(
  args: readonly string[],
  fallbacks: Partial<Numbers>,
  texts: Record<Text, string>,
): ParsedOptions<Text> | null {
  const names = [...Object.keys(CROWD_OPTIONS), ...Object.keys(texts)];
  const options: ParseArgsConfig["options"] = { help: { type: "boolean" } };
  for (const name of names) options[name] = { type: "string" };
  const { values } = parseOrExplain({ args: [...args], options });
  if (values["help"] === true) return null;
  const numbers = Object.fromEntries(
    Object.entries(CROWD_OPTIONS).map(([name, option]) => {
      const fallback = fallbacks[name as keyof Numbers] ?? option.fallback;
      return [name, numberFrom(name, values[name], { ...option, fallback })];
    }),
  ) as Numbers;
  const given = names.filter((name) => typeof values[name] === "string");
  if (!given.includes("sockets")) {
    const seconds = arrivalSeconds(numbers);
    const unaskedMax = Math.min(SOCKETS_UNASKED_MAX, SOCKET_SECONDS_UNASKED_MAX / seconds);
    numbers.sockets = Math.min(numbers.sockets, (100 * unaskedMax) / numbers.shoppers);
  }
  const taken = given.filter((name) => name in texts).map((name) => [name, values[name]]);
  return { numbers, texts: Object.fromEntries(taken) as Partial<Record<Text, string>>, given };
}

/** How long arrivals take. */
export function arrivalSeconds({ seconds, shoppers }: Numbers): number {
  return seconds || shoppers / ARRIVALS_PER_SECOND;
}

/** The text of `--help`. */
export function usage(
  command: string,
  fallbacks: Partial<Numbers>,
  texts: Record<string, string>,
): string {
  const lines = Object.entries(CROWD_OPTIONS).map(([name, { fallback, help }]) => {
    const value = fallbacks[name as keyof Numbers] ?? fallback;
    return `  --${name.padEnd(14)} ${help} (${value})`;
  });
  const more = Object.entries(texts).map(([name, help]) => `  --${name.padEnd(14)} ${help}`);
  return [`${command} [options]`, ...lines, ...more].join("\n");
}

/** Parses a command line; a mistake is a `UsageError` in Node's own words. */
export function parseOrExplain<Config extends ParseArgsConfig>(
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The number that an option was given, or its default. Throws `UsageError`. */
export function numberFrom(
  name: string,
  text: unknown,
  option: Omit<NumberOption, "help">,
): number {
  if (text === undefined) return option.fallback;
  const value = Number(text);
  if (text === "" || !Number.isInteger(value) || value < option.min || value > option.max) {
    throw new UsageError(`--${name} must be a whole number from ${option.min} to ${option.max}`);
  }
  return value;
}

/** Runs a command and sets the exit code: what it answers, 2 for a `UsageError`, 1 for any other error. */
export async function runMain(main: (args: readonly string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    const isUsage = error instanceof UsageError;
    console.error(isUsage ? `${error.message}; --help lists the options` : error);
    process.exitCode = isUsage ? 2 : 1;
  }
}
