import { readAhead } from "./ahead.ts";
import { checkAll } from "./checks.ts";
import { machineClock } from "./clock.ts";
import { FAULT_OPTIONS, faultsOf } from "./fault-options.ts";
import { faultsHappened } from "./faults/figures.ts";
import { type FaultPlan, hasFaults } from "./faults/plan.ts";
import {
  breachesOf,
  renderEvery,
  renderTraceOfEvery,
  serverRuns,
  severalTraces,
} from "./every-trace.ts";
import { floodTrace, type TraceFigures, type TraceSystem } from "./flood-trace.ts";
import {
  type Numbers,
  numberFrom,
  type ParsedOptions,
  parseOptions,
  runMain,
  usage,
  UsageError,
} from "./options.ts";
import { Meter } from "./meter.ts";
import { startOwnServer } from "./own-server.ts";
import { parsePaymentMix } from "./payments.ts";
import { showProgress } from "./progress.ts";
import { figuresOf, type FloodFigures, renderReport } from "./report.ts";
import {
  evidenceOf,
  openLongestMs,
  planOf,
  prepareRun,
  repeatPurchases,
  type RunPlan,
} from "./run.ts";
import { originOf, savedOf, writeJson } from "./saved.ts";
import { findSystem, type System } from "./system.ts";
import { traceNames } from "./trace.ts";
import { scaleOf, traceOf } from "./trace-options.ts";
import { renderTraceReport } from "./trace-report.ts";

const TEXT_OPTIONS = {
  url: "system to flood (the one that runs here, else a new one)",
  "admin-token": "of that system (ADMIN_TOKEN, else the state folder's file)",
  "time-scale": "payments run so many times faster than in production, on a new system (1)",
  processes:
    "of a new system: 2 gives purchases, database and queues one of their own (1; 2 from 20,000 shoppers)",
  payments: "ways to pay that fail, in percent: decline=10,timeout=10; README.md lists them",
  trace:
    "story to replay: a name from bench/traces, a path to a .json file, several names with commas between, or every",
  scale: "with --trace: factor for shoppers, stock, capacity and rate (1)",
  window: "with --trace: reorder window in ms, instead of the trace's",
  ...FAULT_OPTIONS,
  report: "file to write the figures to, as JSON",
  save: "without --trace: file to write what came of all that was acknowledged to, with the versions",
};

/** As `npm start` takes it. */
const TIME_SCALE = { fallback: 1, min: 1, max: 1000 };

/**
 * A flood this large has two processes unless told otherwise: it is more than one thread bears. Below it, calls from
 * one to the other cost more than they bring.
 */
const APART_FROM_SHOPPERS = 20_000;

type Options = ParsedOptions<keyof typeof TEXT_OPTIONS>;

/** Floods a fresh sale and judges what came of it. */
async function flood(
  { adminToken, secondEdgeUrl, url }: System,
  plan: RunPlan,
  numbers: Numbers,
): Promise<FloodFigures> {
  const run = await prepareRun(url, adminToken, plan, numbers, new Meter(), secondEdgeUrl);
  try {
    const { sale, crowd, meter, stages } = run;
    console.log(
      `Flooding ${url}, sale ${sale.saleId}: ${numbers.shoppers} shoppers, ${sale.stock} units`,
    );
    stages.begin("crowd");
    const startMs = machineClock.nowMs();
    const stopProgress = showProgress(crowd, sale.stock);
    const crowdDone = new AbortController();
    const reading = readAhead(run, crowdDone.signal);
    // Without this it would end the process if it failed before it is waited for.
    reading.catch(() => undefined);
    await crowd.run().finally(() => crowdDone.abort());
    stopProgress();
    const seconds = (machineClock.nowMs() - startMs) / 1000;
    stages.begin("repeats");
    await repeatPurchases(crowd);
    stages.begin("rest of what is read ahead");
    const ahead = await reading;
    const evidence = await evidenceOf(run, sale, openLongestMs(plan), ahead);
    stages.begin("checks");
    const figures = figuresOf(evidence, checkAll(evidence), meter, seconds);
    return { ...figures, stages: stages.finish() };
  } finally {
    await run.close();
  }
}

/** Floods by the numbers of the command line. */
async function floodByNumbers(options: Options, faults: FaultPlan): Promise<FloodFigures> {
  const { numbers, texts } = options;
  const plan = planOf(numbers, parsePaymentMix(texts.payments ?? ""));
  const system = await systemOf(options, null, faults);
  try {
    const figures = await withFaults(await flood(system, plan, numbers), system, faults);
    console.log(renderReport(figures));
    return figures;
  } finally {
    await system.stop();
  }
}

/** Replays a trace. */
async function floodByTrace(
  options: Options,
  name: string,
  faults: FaultPlan,
): Promise<FloodFigures> {
  const trace = await traceOf(options, name);
  const kills = trace.events.some((event) => event.do === "restart");
  const system = await systemOf(options, kills ? `--trace ${name} kills the server` : null, faults);
  try {
    const replayed = await floodTrace(trace, system, options.numbers);
    const figures = await withFaults(replayed, system, faults);
    console.log(renderTraceReport(figures));
    return figures;
  } finally {
    await system.stop();
  }
}

/** Replays several traces, each at a fresh sale and those of one time scale on one server. */
async function floodByTraces(
  options: Options,
  names: readonly string[],
  faults: FaultPlan,
): Promise<TraceFigures[]> {
  const { texts } = options;
  const stray = (["url", "admin-token", "time-scale"] as const).find((name) => name in texts);
  if (stray !== undefined)
    throw new UsageError(
      `--${stray} does not go with several traces: the driver runs its own servers`,
    );
  const all: TraceFigures[] = [];
  for (const { runs, timeScale } of serverRuns(names, scaleOf(texts.scale))) {
    const system = await startOwnServer(faults, timeScale);
    try {
      for (const { name, scale } of runs) {
        const trace = await traceOf(
          { ...options, texts: { ...texts, scale: String(scale) } },
          name,
        );
        const figures = await floodTrace(trace, system, options.numbers);
        const judged = { ...figures, breaches: breachesOf(figures) };
        console.log(renderTraceOfEvery(judged));
        all.push(judged);
      }
    } finally {
      await system.stop();
    }
  }
  console.log(renderEvery(all));
  return all;
}

/** What became of the faults, and whether all did that were to be. */
async function withFaults<Figures extends FloodFigures>(
  figures: Figures,
  { server }: TraceSystem,
  plan: FaultPlan,
): Promise<Figures> {
  const faults = (await server?.faultFigures()) ?? null;
  return {
    ...figures,
    faults,
    breaches: [...figures.breaches, ...faultsHappened(plan, faults)],
  };
}

/** The system to flood: a new one where something is done to it that none bears which others use. */
async function systemOf(
  { numbers, texts }: Options,
  kills: string | null,
  faults: FaultPlan,
): Promise<TraceSystem & System> {
  const timeScale = numberFrom("time-scale", texts["time-scale"], TIME_SCALE);
  const spoils = hasFaults(faults) ? "a fault changes the server" : null;
  const hurries = timeScale > 1 ? "--time-scale changes the server" : null;
  const why = kills ?? spoils ?? hurries;
  const { processes, url } = texts;
  if (processes !== undefined && (why ?? url) !== undefined) {
    throw new UsageError(
      `--processes is for a new system as it is: ${why ?? "it goes without --url"}`,
    );
  }
  if (why === null) {
    const apart = isPurchaseApart(processes, numbers);
    return { ...(await findSystem(url, texts["admin-token"], apart)), server: null };
  }
  if (texts.url !== undefined) {
    throw new UsageError(`${why}: it runs one of its own, without --url`);
  }
  return startOwnServer(faults, timeScale);
}

/** Whether a new system has two processes. An intake, whose name is its item's, is not called from another one. */
function isPurchaseApart(processes: string | undefined, numbers: Numbers): boolean {
  const isLarge = numbers.shoppers >= APART_FROM_SHOPPERS && numbers.intakes === 0;
  const fallback = isLarge ? 2 : 1;
  const isApart = numberFrom("processes", processes, { fallback, min: 1, max: 2 }) === 2;
  if (isApart && numbers.intakes > 0) throw new UsageError("--processes 2 goes without --intakes");
  return isApart;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, {}, TEXT_OPTIONS);
  if (options === null) {
    console.log(usage("npm run flood --", {}, TEXT_OPTIONS));
    console.log(`Traces: ${(await traceNames()).join(", ")}`);
    return 0;
  }
  const { report, save, trace } = options.texts;
  const faults = faultsOf(options);
  if (save !== undefined && trace !== undefined) {
    throw new UsageError("--save does not go with --trace");
  }
  const several = trace === undefined ? null : await severalTraces(trace);
  const figures = several
    ? await floodByTraces(options, several, faults)
    : trace === undefined
      ? await floodByNumbers(options, faults)
      : await floodByTrace(options, trace, faults);
  if (report !== undefined) await writeJson(report, figures);
  if (save !== undefined && !Array.isArray(figures)) {
    const { aborted = {}, copies = 0, evicted = {} } = figures.faults ?? {};
    const saved = savedOf("chaos", await originOf("flood", args), figures);
    await writeJson(save, { ...saved, chaos: { aborted, evicted, copies } });
  }
  return [figures].flat().every(({ breaches }) => breaches.length === 0) ? 0 : 1;
}

await runMain(main);
