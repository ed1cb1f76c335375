import { checkPromises } from "./checks.ts";
import { machineClock } from "./clock.ts";
import type { FairnessTold } from "./contract-fairness.ts";
import type { Evidence } from "./evidence.ts";
import { admissionOrderIsKept, type FairnessFigures, fairnessOf } from "./fairness.ts";
import { checkKill } from "./kill.ts";
import { showProgress } from "./progress.ts";
import { figuresOf, type FloodFigures } from "./report.ts";
import {
  type DriverNumbers,
  evidenceOf,
  openLongestMs,
  prepareRun,
  repeatPurchases,
  type Run,
} from "./run.ts";
import type { ServerProcess } from "./server-process.ts";
import { checkTold } from "./told-fairness.ts";
import { greatestCapacity, planOfTrace, type Trace } from "./trace.ts";
import { type EventOutcomes, runEvents } from "./trace-events.ts";

/** The figures of a flood, and those of its trace. */
export interface TraceFigures extends FloodFigures {
  trace: Trace;
  fairness: FairnessFigures;
  /** What the system says itself, by the sale's public log; null where it does not. */
  told: FairnessTold | null;
  /** What the driver did to calls on purpose. */
  callsDoubled: number;
  callsLost: number;
  /** Sentences about what this system could not be asked to do. */
  skipped: string[];
}

/** Where a trace runs; `server` is the driver's own, for traces that kill it. */
export interface TraceSystem {
  url: string;
  adminToken: string;
  server: ServerProcess | null;
}

/** Replays the trace against a fresh sale and judges what came of it. */
export async function floodTrace(
  trace: Trace,
  { adminToken, server, url }: TraceSystem,
  numbers: DriverNumbers,
): Promise<TraceFigures> {
  const plan = planOfTrace(trace);
  const run = await prepareRun(url, adminToken, plan, numbers);
  try {
    const { crowd, sale } = run;
    console.log(`Replaying ${trace.name} on ${url}, sale ${sale.saleId}: ${trace.description}`);
    const startMs = machineClock.nowMs();
    const stopProgress = showProgress(crowd, sale.stock);
    const [, outcomes] = await Promise.all([crowd.run(), runEvents(trace, run, server)]);
    stopProgress();
    const seconds = (machineClock.nowMs() - startMs) / 1000;
    await repeatPurchases(crowd);
    const read = { ...sale, capacity: greatestCapacity(trace) };
    const evidence = await evidenceOf(run, read, openLongestMs(plan));
    const told = await run.admin.fairness(sale.saleId);
    return judge(trace, run, { ...evidence, told }, outcomes, seconds);
  } finally {
    await run.close();
  }
}

function judge(
  trace: Trace,
  { faults, meter }: Run,
  evidence: Evidence & { told: FairnessTold | null },
  { kills, skipped }: EventOutcomes,
  seconds: number,
): TraceFigures {
  const { capacity, reorderWindowMs } = trace.line;
  const { serviceSeconds } = trace.shoppers;
  const serviceMs = serviceSeconds === null ? null : serviceSeconds * 1000;
  const { told } = evidence;
  const fairness = fairnessOf(evidence, { capacity, reorderWindowMs, serviceMs });
  const breaches = [
    ...kills.flatMap((kill) => checkKill(kill, evidence.sale.stock, evidence.orders)),
    ...checkPromises(evidence),
    ...admissionOrderIsKept(fairness),
    ...(told === null ? [] : checkTold(told)),
  ];
  return {
    ...figuresOf(evidence, breaches, meter, seconds),
    trace,
    fairness,
    told,
    callsDoubled: faults?.doubled ?? 0,
    callsLost: faults?.lost ?? 0,
    skipped,
  };
}
