import { FLOOR, type Sample, type Series } from "./measure.ts";
import { estimate, type Estimate, median, ratios } from "./statistics.ts";
import type { Contestant } from "./system.ts";
import type { Work } from "./works.ts";

/** Examples of why figures are void. */
const REASONS_MAX = 3;

/** What the report says of one system at one work. */
export interface Row {
  system: string;
  /** Whether it is on disk before it is answered; null where nothing is kept. */
  durable: string | null;
  perSecond: Estimate;
  /** Answers over the time until the system was quiet again. */
  workedOffPerSecond: Estimate;
  /** Requests a second, turn by turn. */
  turns: number[];
  /** Of the ceiling, pair by pair; null for the ceiling itself and what has none. */
  ofCeiling: Estimate | null;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  /** At half of the rate; null where that was not measured. */
  pacedP99Ms: Estimate | null;
  cpuSecondsPer1000: number;
  memoryPeakMb: number;
  memoryKbPer1000: number;
  clientShare: number;
  /** Why nothing of this row counts; empty when it does. */
  voidFor: string[];
}

/** One work, worked out. */
export interface Table {
  work: Work;
  rows: Row[];
  /** The ceiling over its own floor; null where there is none. */
  floor: Estimate | null;
  /** Why no ratio of this table counts; null when they do. */
  voidFor: string | null;
}

/** Works a table out of the runs. */
export function tableOf(
  work: Work,
  series: readonly Series[],
  contestants: readonly Contestant[],
): Table {
  const ceiling = series.find(({ system }) => system === work.ceiling);
  const floorSeries = series.find(({ system }) => system === FLOOR);
  const rows = series.map((one) => {
    const durable = contestants.find(({ name }) => name === one.system)?.durable ?? null;
    return rowOf(one, ceiling, work.again || one.system === FLOOR ? null : durable);
  });
  const floor = ceiling && floorSeries ? overall(ceiling, floorSeries) : null;
  const voidFor = reasonAgainst(work, ceiling, floor);
  return { work, rows, floor, voidFor };
}

/** Why nothing may be divided by this ceiling. */
function reasonAgainst(
  work: Work,
  ceiling: Series | undefined,
  floor: Estimate | null,
): string | null {
  if (ceiling?.samples.some(({ breaches }) => breaches.length > 0) === true)
    return "the ceiling's own runs are void";
  if (floor === null || floor.median >= work.floor) return null;
  return `the ceiling reached ${floor.median.toFixed(2)} of its trivial route, and has to reach ${work.floor}`;
}

function rowOf(series: Series, ceiling: Series | undefined, durable: string | null): Row {
  const { paced, samples, system } = series;
  const of = (read: (sample: Sample) => number): number => median(samples.map(read));
  const all = [...samples, ...paced];
  const reasons = new Set(all.flatMap(({ breaches }) => breaches));
  return {
    system,
    durable,
    perSecond: estimate(samples.map(({ perSecond }) => perSecond)),
    workedOffPerSecond: estimate(samples.map(({ workedOffPerSecond }) => workedOffPerSecond)),
    turns: samples.map(({ perSecond }) => Math.round(perSecond)),
    ofCeiling: ceiling === undefined || ceiling === series ? null : overall(series, ceiling),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p95Ms: of(({ p95Ms }) => p95Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    pacedP99Ms: paced.length === 0 ? null : estimate(paced.map(({ p99Ms }) => p99Ms)),
    cpuSecondsPer1000: of(({ cpuSecondsPer1000 }) => cpuSecondsPer1000),
    memoryPeakMb: Math.max(...all.map(({ memoryBytes }) => memoryBytes)) / 1e6,
    memoryKbPer1000: of(({ memoryBytesPer1000 }) => memoryBytesPer1000) / 1e3,
    clientShare: of(({ clientShare }) => clientShare),
    voidFor: [...reasons].slice(0, REASONS_MAX),
  };
}

/** The first over the second, turn by turn. */
function overall(first: Series, second: Series): Estimate {
  const pairs = first.samples.flatMap(({ perSecond }, turn) => {
    const other = second.samples[turn];
    return other === undefined ? [] : [[perSecond, other.perSecond] as const];
  });
  return estimate(ratios(pairs));
}
