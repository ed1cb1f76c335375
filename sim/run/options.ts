import type { ParseArgsConfig } from "node:util";
import { parseOrExplain, UsageError } from "../../bench/options.ts";

/** An option of a command: with bounds it takes a whole number, with a value name a text, else nothing. */
export interface Option {
  help: string;
  bounds?: readonly [min: number, max: number];
  valueName?: string;
}

/** What was given, by option name; an option that was not is missing. */
export interface Given {
  numbers: Partial<Record<string, number>>;
  texts: Partial<Record<string, string>>;
  flags: ReadonlySet<string>;
}

const HELP: Option = { help: "prints this" };

/**
 * Parses a command line by its table of options; `--help` is in every one.
 *
 * @throws UsageError with what to write instead.
 */
export function parseCommand(
  args: readonly string[],
  table: Readonly<Record<string, Option>>,
): Given {
  const options: NonNullable<ParseArgsConfig["options"]> = { help: { type: "boolean" } };
  for (const [name, option] of Object.entries(table))
    options[name] = { type: takesValue(option) ? "string" : "boolean" };
  const numbers: Given["numbers"] = {};
  const texts: Given["texts"] = {};
  const flags = new Set<string>();
  for (const [name, value] of Object.entries(parseOrExplain({ args: [...args], options }).values)) {
    const bounds = table[name]?.bounds;
    if (typeof value !== "string") flags.add(name);
    else if (bounds) numbers[name] = numberFrom(name, value, bounds);
    else texts[name] = value;
  }
  return { numbers, texts, flags };
}

/** The text of `--help`. */
export function usageOf(command: string, table: Readonly<Record<string, Option>>): string {
  const rows = Object.entries({ ...table, help: HELP }).map(([name, option]) => {
    const value = option.bounds ? " N" : option.valueName ? ` ${option.valueName}` : "";
    return `  --${`${name}${value}`.padEnd(14)} ${option.help}`;
  });
  return [`${command} [options]`, ...rows].join("\n");
}

function takesValue({ bounds, valueName }: Option): boolean {
  return bounds !== undefined || valueName !== undefined;
}

function numberFrom(name: string, text: string, [min, max]: readonly [number, number]): number {
  const value = Number(text);
  if (text === "" || !Number.isInteger(value) || value < min || value > max)
    throw new UsageError(`--${name} must be a whole number from ${min} to ${max}`);
  return value;
}
