import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { numberFrom, type NumberOption, parseOrExplain, runMain, UsageError } from "../options.ts";
import { originOf, writeJson } from "../saved.ts";
import { caseOf, REQUIRED, type Case } from "./cases.ts";
import { USUAL, type Scenario } from "./model.ts";
import { renderCase, renderCases, reportOf } from "./report.ts";

// `npm run capacity`: what a sale needs of the platform, and what it costs.

const MILLIONS = 1e8;
const OPTIONS = {
  shoppers: { field: "shoppers", max: MILLIONS, help: "people who come" },
  "arrive-seconds": { field: "arriveSeconds", max: 86_400, help: "all within" },
  minutes: {
    field: "minutes",
    max: 10_000,
    help: "until everything is sold and everyone has gone",
  },
  skus: { field: "skus", max: 1_000, help: "items" },
  units: { field: "units", max: MILLIONS, help: "units over all items, one an order" },
  sockets: { field: "socketPercent", max: 100, min: 0, help: "percent who wait by socket" },
  "safety-poll": {
    field: "safetyPollSeconds",
    max: 3_600,
    help: "seconds between polls beside a socket",
  },
  poll: { field: "pollSeconds", max: 3_600, help: "seconds between polls without one" },
  "page-reads": {
    field: "pageReads",
    max: 100,
    min: 0,
    help: "reads of the API by a page before the join",
  },
  "order-reads": {
    field: "orderReads",
    max: 1_000,
    min: 0,
    help: "reads of an order by its buyer",
  },
  lanes: { field: "lanes", max: 128, help: "lanes; unless given, as many as the joins need" },
  intakes: { field: "intakes", max: 1_000, min: 0, help: "intakes before an item; likewise" },
  regions: { field: "regions", max: 9, help: "parts of the world that have sockets" },
  isolates: { field: "isolates", max: 100_000, help: "isolates that serve the gateway at once" },
  logs: { field: "logPercent", max: 100, min: 0, help: "percent of invocations that are logged" },
} as const satisfies Record<
  string,
  { field: keyof Scenario; max: number; min?: number; help: string }
>;

const PEAKS = {
  "reads-per-second": "readsPerSecond",
  "reservations-per-second": "reservationsPerSecond",
  "orders-per-second": "ordersPerSecond",
} as const;

const USAGE = [
  "npm run capacity -- [options]",
  ...Object.entries(OPTIONS).map(
    ([name, { field, help }]) => `  --${name.padEnd(24)}${help} (${USUAL[field]})`,
  ),
  ...Object.keys(PEAKS).map(
    (name) => `  --${name.padEnd(24)}in the busiest second, instead of what follows`,
  ),
  `  --${"required".padEnd(24)}the numbers that were asked for, a line each`,
  `  --${"report".padEnd(24)}file to write everything to, as JSON`,
].join("\n");

type Values = Record<string, string | boolean | undefined>;

function caseFrom(values: Values): Case {
  const changes: Partial<Scenario> = {};
  for (const [name, option] of Object.entries(OPTIONS)) {
    const { field, max }: { field: keyof Scenario; max: number } = option;
    const min = "min" in option ? option.min : 1;
    if (values[name] !== undefined) changes[field] = read(name, values[name], { min, max });
  }
  const peak: Parameters<typeof caseOf>[2] = {};
  for (const [name, field] of Object.entries(PEAKS))
    if (values[name] !== undefined)
      peak[field] = read(name, values[name], { min: 1, max: MILLIONS });
  return caseOf("the sale", changes, peak);
}

function read(name: string, value: unknown, bounds: Pick<NumberOption, "min" | "max">): number {
  return numberFrom(name, value, { fallback: 0, ...bounds });
}

async function main(args: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const names = [...Object.keys(OPTIONS), ...Object.keys(PEAKS), "report"];
  const options = Object.fromEntries(names.map((name) => [name, text]));
  const config = { args: [...args], options: { ...options, help: flag, required: flag } };
  const values: Values = parseOrExplain(config).values;
  if (values["help"] === true) {
    console.log(USAGE);
    return 0;
  }
  const isRequired = values["required"] === true;
  const given = args.filter((arg) => arg.startsWith("--") && !/^--(required|report)/.test(arg));
  if (isRequired && given.length > 0) throw new UsageError("--required goes with --report alone");
  const cases = isRequired ? REQUIRED : [caseFrom(values)];
  console.log(isRequired ? renderCases(cases) : cases.map(renderCase).join("\n"));
  const report = values["report"];
  if (typeof report === "string") {
    await mkdir(dirname(report), { recursive: true });
    await writeJson(report, { ...(await originOf("capacity", args)), ...reportOf(cases) });
  }
  return 0;
}

await runMain(main);
