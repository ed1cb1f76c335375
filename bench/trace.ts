import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { NO_BOTS } from "./crowd.ts";
import { UsageError } from "./options.ts";
import { BAD_PAYMENTS, isWithinAll } from "./payments.ts";
import type { RunPlan } from "./run.ts";

const TRACES_FOLDER = join(import.meta.dirname, "traces");
const count = z.int().min(1).max(100_000_000);
const percent = z.number().min(0).max(100);
const lifeSeconds = z.int().min(1).max(3600);
const afterSeconds = z.number().min(0).max(3600);

/** Half the shoppers, so that a trace says how both ways of waiting fare. */
const SOCKET_PERCENT = 50;
/** Half try another card after a decline, the others cancel. */
const RETRY_PERCENT = 50;

/** An event comes at a time of the run, or when this share of the stock is sold. */
const when = {
  afterSeconds: afterSeconds.optional(),
  afterSoldPercent: percent.optional(),
};

const Event = z
  .discriminatedUnion("do", [
    z.strictObject({ do: z.literal("restart"), ...when }),
    z.strictObject({
      do: z.literal("change-line"),
      ...when,
      newUsersPerMinute: count.optional(),
      capacity: count.optional(),
      sessionSeconds: lifeSeconds.optional(),
    }),
  ])
  .refine(
    (event) => (event.afterSeconds === undefined) !== (event.afterSoldPercent === undefined),
    {
      error: "needs either afterSeconds or afterSoldPercent",
    },
  );

/** A trace file: what is left out is as `npm run flood` has it. See bench/README.md. */
const TraceFile = z.strictObject({
  description: z.string().min(1),
  line: z.strictObject({
    stock: count,
    capacity: count,
    newUsersPerMinute: count,
    reorderWindowMs: z.int().min(0).max(500).default(250),
    holdSeconds: lifeSeconds.default(120),
    claimSeconds: lifeSeconds.default(90),
    sessionSeconds: lifeSeconds.default(300),
    lanes: z.int().min(1).max(128).default(8),
    startsInSeconds: z.number().min(0).max(3600).default(0),
  }),
  arrivals: z
    .array(
      z.strictObject({
        afterSeconds: afterSeconds.default(0),
        seconds: z.number().min(0).max(3600),
        shoppers: count,
      }),
    )
    .min(1),
  shoppers: z
    .strictObject({
      tokensFirst: z.boolean().default(true),
      closeTabPercent: percent.default(0),
      socketPercent: percent.default(SOCKET_PERCENT),
      serviceSeconds: z.number().min(0).max(3600).nullable().default(null),
      thinkMs: z.number().min(0).max(60_000).default(1000),
      payments: z
        .partialRecord(z.enum(BAD_PAYMENTS), percent)
        .refine(isWithinAll, { error: "are more than 100 percent" })
        .default({}),
      retryPercent: percent.default(RETRY_PERCENT),
      walkAwayPercent: percent.default(0),
      listPercent: percent.default(0),
      doubleClickPercent: percent.default(5),
    })
    .prefault({}),
  bots: z
    .strictObject({
      percent,
      joins: z.int().min(1).max(1000),
      pauseMs: z.number().min(0).max(60_000),
    })
    .default(NO_BOTS),
  calls: z.strictObject({ doublePercent: percent, losePercent: percent }).nullable().default(null),
  events: z.array(Event).default([]),
});

/** A sale's story: the line, who comes when, how they behave, and what happens in the middle. */
export type Trace = z.output<typeof TraceFile> & { name: string };
/** One thing that happens in the middle. */
export type TraceEvent = Trace["events"][number];

/** Reads a trace by its name in `bench/traces`, or by a path that ends in `.json`. Throws `UsageError`. */
export async function readTrace(nameOrPath: string): Promise<Trace> {
  const isPath = nameOrPath.endsWith(".json");
  const file = isPath ? nameOrPath : join(TRACES_FOLDER, `${basename(nameOrPath)}.json`);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    const known = (await traceNames()).join(", ");
    throw new UsageError(`--trace ${nameOrPath}: no such file; there are ${known}`);
  }
  return parseTrace(basename(file, ".json"), text);
}

/** The traces that come along. */
export async function traceNames(): Promise<string[]> {
  const files = await readdir(TRACES_FOLDER);
  return files.map((file) => basename(file, ".json")).toSorted();
}

/** Reads a trace's JSON. Throws `UsageError` that names every wrong field. */
export function parseTrace(name: string, text: string): Trace {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `trace ${name} is not JSON: ${error instanceof Error ? error.message : ""}`,
    );
  }
  const parsed = TraceFile.safeParse(json);
  if (parsed.success) return { ...parsed.data, name };
  const faults = parsed.error.issues.map(({ path, message }) => {
    return `\n  ${path.join(".") || "the trace"}: ${message}`;
  });
  throw new UsageError(`trace ${name} is not valid:${faults.join("")}`);
}

/**
 * The trace with a smaller or greater crowd: shoppers, stock, capacity and rate are multiplied and
 * rounded to at least 1; times, percents and windows stay.
 */
export function scaleTrace(trace: Trace, factor: number): Trace {
  const scaled = (value: number): number => Math.max(1, Math.round(value * factor));
  const { line } = trace;
  return {
    ...trace,
    line: {
      ...line,
      stock: scaled(line.stock),
      capacity: scaled(line.capacity),
      newUsersPerMinute: scaled(line.newUsersPerMinute),
    },
    arrivals: trace.arrivals.map((phase) => ({ ...phase, shoppers: scaled(phase.shoppers) })),
    events: trace.events.map((event) => {
      if (event.do !== "change-line") return event;
      const { capacity, newUsersPerMinute } = event;
      return {
        ...event,
        ...(capacity === undefined ? {} : { capacity: scaled(capacity) }),
        ...(newUsersPerMinute === undefined
          ? {}
          : { newUsersPerMinute: scaled(newUsersPerMinute) }),
      };
    }),
  };
}

/** The sale and the crowd of a trace. */
export function planOfTrace({ arrivals, bots, calls, line, shoppers }: Trace): RunPlan {
  const { sessionSeconds, ...terms } = line;
  const { serviceSeconds, ...behaviour } = shoppers;
  const serviceMs = serviceSeconds === null ? null : serviceSeconds * 1000;
  return {
    sale: { ...terms, sessionDurationSeconds: sessionSeconds },
    crowd: { ...behaviour, serviceMs, arrivals, bots },
    faults: calls,
  };
}

/** The greatest capacity that the trace's line ever has. */
export function greatestCapacity({ events, line }: Trace): number {
  const changed = events.flatMap((event) =>
    event.do === "change-line" ? [event.capacity ?? 0] : [],
  );
  return Math.max(line.capacity, ...changed);
}
