import { TARGETS } from "../fairness-report.ts";
import { floodTrace, type TraceFigures } from "../flood-trace.ts";
import { CROWD_OPTIONS } from "../options.ts";
import { NO_FAULTS } from "../faults/plan.ts";
import { startOwnServer } from "../own-server.ts";
import { percentile } from "../../domain/percentiles.ts";
import type { SoldOutNews } from "../sold-out.ts";
import { whole } from "../table.ts";
import { readTrace, scaleTrace, type Trace } from "../trace.ts";
import type { FiguresOptions } from "./options.ts";
import { atMost, none, type Row, shown } from "./row.ts";

/** No trace of the figures runs longer. */
const TRACE_LONGEST_MINUTES = 5;
/** Every way to a lane takes a random time up to this, which the window of 250 ms should hide. */
const LANE_DELAY_MS = 200;

/** A burst: the order of the line as it is. */
export async function burstRows({ numbers, scales }: FiguresOptions): Promise<Row[]> {
  const trace = scaleTrace(await readTrace("burst"), scales.scale);
  const [figures] = await replay([trace], numbers.seed);
  if (figures === undefined) return [];
  return [shown("burst", sizeOf(figures, scales.scale)), ...orderRows(figures), joinTimes(figures)];
}

/** The same with random delays on the ways to the lanes, with the window and without it. */
export async function delayRows({ numbers, scales }: FiguresOptions): Promise<Row[]> {
  const trace = scaleTrace(await readTrace("burst"), scales["delay-scale"]);
  const open: Trace = { ...trace, line: { ...trace.line, reorderWindowMs: 0 } };
  const [held, loose] = await replay([trace, open], numbers.seed, LANE_DELAY_MS);
  if (held === undefined || loose === undefined) return [];
  const { tau } = loose.fairness.byGateway;
  const { kendallDistance } = TARGETS;
  return [
    shown("burst", `${sizeOf(held, scales["delay-scale"])}, 0 to ${LANE_DELAY_MS} ms to a lane`),
    ...orderRows(held),
    {
      figure: "tau with a window of 0 ms",
      value: tau.toFixed(6),
      target: `above ${kendallDistance}`,
      isMet: tau > kendallDistance,
      isPromise: false,
    },
    none("certain inversions, window of 0 ms", loose.fairness.certainInversions),
  ];
}

/** The median of several drains, with everyone present. */
export async function drainRows(options: FiguresOptions): Promise<Row[]> {
  return drainsOf("drain", options, TARGETS.drainRatio);
}

/** The same where 30 percent never look again. */
export async function tabCloserRows(options: FiguresOptions): Promise<Row[]> {
  return drainsOf("tab-closers", options, TARGETS.drainRatioWithClosedTabs);
}

/** How soon everyone in line knows that all is sold. */
export async function soldOutRows({ numbers, scales }: FiguresOptions): Promise<Row[]> {
  const trace = scaleTrace(await readTrace("sold-out-40"), scales.scale);
  const [figures] = await replay([trace], numbers.seed);
  const soldOut = figures?.fairness.soldOut;
  if (figures === undefined || !soldOut) throw new Error("sold-out-40 was not sold out");
  return [
    newsRow("sold out known, by socket", soldOut.bySocket),
    newsRow("sold out known, by poll", soldOut.byPoll),
    shown(
      "sockets",
      `${whole(figures.sockets.opened)} opened, ${whole(figures.sockets.lost)} lost`,
    ),
    promisesRow([figures]),
  ];
}

/** Replays traces one after the other, each at a fresh sale, on a server of their own. */
async function replay(
  traces: readonly Trace[],
  seed: number,
  laneDelayMs = 0,
): Promise<TraceFigures[]> {
  const system = await startOwnServer({ ...NO_FAULTS, laneDelayMs });
  const figures: TraceFigures[] = [];
  try {
    for (const [run, trace] of traces.entries()) {
      const numbers = {
        seed: seed + run,
        concurrency: CROWD_OPTIONS.concurrency.fallback,
        "max-minutes": TRACE_LONGEST_MINUTES,
      };
      figures.push(await floodTrace(trace, system, numbers));
    }
  } finally {
    await system.stop();
  }
  return figures;
}

async function drainsOf(name: string, { numbers }: FiguresOptions, max: number): Promise<Row[]> {
  const trace = await readTrace(name);
  const figures = await replay(
    Array.from({ length: numbers.runs }, () => trace),
    numbers.seed,
  );
  const ratios = figures
    .map(({ fairness }) => fairness.drain?.ratio ?? Infinity)
    .toSorted((a, b) => a - b);
  const all = ratios.map((ratio) => ratio.toFixed(2)).join(" ");
  const tooSoon = figures.reduce((sum, { sockets }) => sum + sockets.claimsTooSoon, 0);
  const median = percentile(ratios, 50);
  return [
    atMost(
      "time to drain over the ideal, median",
      median,
      max,
      (ratio) => ratio.toFixed(2),
      ` (${all})`,
    ),
    shown("claims answered by an older board", whole(tooSoon)),
    promisesRow(figures),
  ];
}

function orderRows(figures: TraceFigures): Row[] {
  const { fairness } = figures;
  const { beyondWindow, byGateway, displacedMs, displacedPlaces, reorderWindowMs } = fairness;
  const ms = (value: number): string => `${whole(value)} ms`;
  const pairs = ` (${whole(byGateway.discordant)} of ${whole(byGateway.pairs)} pairs)`;
  const tau = (value: number): string => String(Number(value.toFixed(6)));
  const { max, p99 } = displacedPlaces;
  const places = `, p99 ${ms(displacedMs.p99)}; places: p99 ${whole(p99)}, max ${whole(max)}; ${whole(beyondWindow)} beyond`;
  return [
    atMost("tau, gateway arrival", byGateway.tau, TARGETS.kendallDistance, tau, pairs),
    none("certain inversions", fairness.certainInversions),
    atMost("displaced, at most", displacedMs.max, reorderWindowMs, ms, places),
    none("admission inversions", fairness.admissionInversions),
    promisesRow([figures]),
  ];
}

function sizeOf({ seconds, shoppers, trace }: TraceFigures, scale: number): string {
  const burstSeconds = trace.arrivals.reduce((sum, phase) => sum + phase.seconds, 0);
  const perSecond = shoppers / burstSeconds;
  return `scale ${scale}: ${whole(shoppers)} joins, ${whole(perSecond)} a second; run of ${whole(seconds)} s`;
}

function joinTimes({ calls }: TraceFigures): Row {
  const join = calls.find(({ kind }) => kind === "join");
  return shown(
    "joins answered",
    `p50 ${whole(join?.p50Ms ?? 0)} ms, p99 ${whole(join?.p99Ms ?? 0)} ms`,
  );
}

function newsRow(figure: string, { afterMs, told, waiting }: SoldOutNews): Row {
  const seconds = (value: number): string => `${value.toFixed(1)} s`;
  const row = atMost(figure, afterMs.max / 1000, TARGETS.soldOutSeconds, seconds);
  const spread = `p50 ${seconds(afterMs.p50 / 1000)}, p99 ${seconds(afterMs.p99 / 1000)}`;
  const isMet = row.isMet === true && told === waiting;
  return {
    ...row,
    isMet,
    value: `${row.value}, ${spread}; ${whole(told)} of ${whole(waiting)} told`,
  };
}

function promisesRow(figures: readonly TraceFigures[]): Row {
  const breaches = figures.flatMap((one) => one.breaches);
  const broken = breaches.map(({ count, promise }) => `${promise} (${whole(count)})`).join("; ");
  return {
    figure: "promises",
    value: breaches.length === 0 ? "kept" : `BROKEN: ${broken}`,
    target: "kept",
    isMet: breaches.length === 0,
    isPromise: true,
  };
}
