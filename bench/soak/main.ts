import { join } from "node:path";
import { type Breach, breachOf } from "../breach.ts";
import { checkPromises } from "../checks.ts";
import { machineClock } from "../clock.ts";
import type { Crowd } from "../crowd.ts";
import type { Evidence } from "../evidence.ts";
import { NO_FAULTS } from "../faults/plan.ts";
import { parseOptions, runMain, usage } from "../options.ts";
import { type KillableSystem, startOwnServer } from "../own-server.ts";
import { showProgress } from "../progress.ts";
import { figuresOf, type FloodFigures, renderReport } from "../report.ts";
import { evidenceOf, openLongestMs, prepareRun, type Run } from "../run.ts";
import { originOf, savedOf, writeJson, type SoakFigures } from "../saved.ts";
import type { ServerProcess } from "../server-process.ts";
import { renderTable, whole } from "../table.ts";
import {
  SOAK_FALLBACKS,
  SOAK_OPTIONS,
  SOAK_TIME_SCALE,
  rateFor,
  type SoakPlan,
  soakPlanOf,
} from "./plan.ts";
import { handlesOf } from "./handles.ts";
import { processesOf, sqliteMbOf } from "./process-memory.ts";
import { flatSeriesOf, type MemorySample, WindowMeter } from "./series.ts";
import { type Trend, trendOf } from "./trend.ts";

const SAMPLE_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;

/** What a soak came to, beside the figures of its sale. */
interface SoakedFlood extends FloodFigures {
  soak: SoakFigures;
}

async function soak({ adminToken, server }: KillableSystem, plan: SoakPlan): Promise<SoakedFlood> {
  const meter = new WindowMeter();
  const run = await prepareRun(server.url, adminToken, plan.run, plan.numbers, meter);
  try {
    const startMs = machineClock.nowMs();
    meter.start(startMs);
    const stopProgress = showProgress(run.crowd, run.sale.stock);
    const [, memory, restocked] = await Promise.all([
      run.crowd.run(),
      sampleMemory(server, run.crowd, startMs, plan.minutes),
      keepSteady(run, startMs, plan),
    ]).finally(stopProgress);
    const seconds = (machineClock.nowMs() - startMs) / 1000;
    const evidence = await evidenceOf(run, run.sale, openLongestMs(plan.run));
    const latency = meter.minutes(plan.minutes);
    const series = flatSeriesOf(memory, meter.windows(plan.minutes));
    const trends = series.map((one) => trendOf(one, plan.warmUpMinutes));
    const breaches = [
      ...checkPromises(evidence),
      ...restocksCount(evidence, restocked),
      ...everythingIsFlat(trends),
    ];
    const { minutes, warmUpMinutes } = plan;
    return {
      ...figuresOf(evidence, breaches, meter, seconds),
      soak: { minutes, warmUpMinutes, memory, latency, trends },
    };
  } finally {
    await run.close();
  }
}

async function sampleMemory(
  server: ServerProcess,
  crowd: Crowd,
  startMs: number,
  minutes: number,
): Promise<MemorySample[]> {
  const samples: MemorySample[] = [];
  for (let nth = 1; nth * SAMPLE_EVERY_MS <= minutes * MINUTE_MS; nth += 1) {
    await untilMs(startMs + nth * SAMPLE_EVERY_MS);
    const processes = server.group === null ? [] : await processesOf(server.group);
    const workerd = processes.find(({ command }) => command.includes("workerd serve"));
    const host = processes.find(({ command }) => command.includes("server.ts"));
    if (workerd === undefined || host === undefined) throw new Error("the server is gone");
    const resources = join(server.stateFolder, "resources");
    samples.push({
      minute: (nth * SAMPLE_EVERY_MS) / MINUTE_MS,
      workerdMb: workerd.rssMb,
      hostMb: host.rssMb,
      handles: await handlesOf(workerd.pid),
      waiting: crowd.counts().waiting,
      d1Mb: await sqliteMbOf(join(resources, "d1")),
      objectsMb: await sqliteMbOf(join(resources, "do")),
    });
  }
  return samples;
}

/** Each minute adds what one sells, and sets how fast the line moves; how many units that were. */
async function keepSteady(
  { admin, crowd, sale }: Run,
  startMs: number,
  plan: SoakPlan,
): Promise<number> {
  const { minutes, restockUnits } = plan;
  for (let minute = 1; minute < minutes; minute += 1) {
    await untilMs(startMs + minute * MINUTE_MS);
    await admin.restock(sale, restockUnits, `restock-${minute}`);
    const newUsersPerMinute = rateFor(plan, crowd.counts().waiting);
    await admin.changeLine(sale.saleId, { newUsersPerMinute, reason: "a steady load" });
  }
  return (minutes - 1) * restockUnits;
}

async function untilMs(atMs: number): Promise<void> {
  await machineClock.sleep(Math.max(0, atMs - machineClock.nowMs()));
}

function restocksCount({ ledger }: Evidence, units: number): Breach[] {
  const counted = ledger
    .filter(({ type }) => type === "restocked")
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const failures =
    counted === units ? [] : [`${units} were added, and ${counted} are in the ledger`];
  return breachOf("lost", "every restock counts, once", failures);
}

function everythingIsFlat(trends: readonly Trend[]): Breach[] {
  const failures = trends
    .filter(({ isFlat }) => !isFlat)
    .map(
      ({ bound, rise, samples, unit, what }) =>
        `${what}: ${rise.toFixed(1)} ${unit} more in ${samples} samples, where ${bound.toFixed(1)} are allowed`,
    );
  return breachOf("unfinished", "memory and latency stay flat", failures);
}

function renderTrends({ latency, memory, trends, warmUpMinutes }: SoakFigures): string {
  const [first, last] = [memory[0], memory.at(-1)];
  const mb = (value = 0): string => value.toFixed(1);
  return [
    "",
    `After ${warmUpMinutes.toFixed(1)} minutes of warm-up, by Theil and Sen:`,
    ...renderTable(
      [
        ["", "median", "an hour", "rise", "bound", "samples", ""],
        ...trends.map(({ bound, isFlat, median, perHour, rise, samples, unit, what }) => [
          `${what}${unit === "" ? "" : `, ${unit}`}`,
          ...[median, perHour, rise, bound].map((value) => value.toFixed(1)),
          String(samples),
          isFlat ? "flat" : "NOT FLAT",
        ]),
      ],
      [0, 6],
    ),
    `SQLite files: D1 ${mb(first?.d1Mb)} to ${mb(last?.d1Mb)} MB, objects ${mb(first?.objectsMb)} to ${mb(last?.objectsMb)} MB`,
    `Calls a minute: ${latency.map(({ calls }) => whole(calls)).join(", ")}`,
  ].join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, SOAK_FALLBACKS, SOAK_OPTIONS);
  if (options === null) {
    console.log(usage("npm run soak --", SOAK_FALLBACKS, SOAK_OPTIONS));
    return 0;
  }
  const plan = soakPlanOf(options);
  const system = await startOwnServer(NO_FAULTS, SOAK_TIME_SCALE);
  try {
    const figures = await soak(system, plan);
    console.log(renderReport(figures));
    console.log(renderTrends(figures.soak));
    const { save } = options.texts;
    if (save !== undefined) {
      const saved = savedOf("soak", await originOf("soak", args), figures);
      await writeJson(save, { ...saved, soak: figures.soak });
    }
    return figures.breaches.length === 0 ? 0 : 1;
  } finally {
    await system.stop();
  }
}

await runMain(main);
