import { build, type Histogram } from "hdr-histogram-js";
import type { CallKind } from "../meter.ts";
import { Meter } from "../meter.ts";
import type { FlatSeries, Sample } from "./trend.ts";

/** What the server's processes held at a moment; null where the system does not tell. */
export interface MemorySample {
  minute: number;
  workerdMb: number;
  /** The process that runs workerd beside it: its queues, its cron. */
  hostMb: number;
  handles: number | null;
  d1Mb: number;
  objectsMb: number;
}

/** How long shoppers waited for answers in one minute. */
export interface LatencyMinute {
  minute: number;
  calls: number;
  p50Ms: number;
  p99Ms: number;
}

/** Longest time told apart. */
const SLOWEST_US = 120_000_000;
const US_PER_MS = 1000;

/** A meter that also tells minute by minute. */
export class MinuteMeter extends Meter {
  readonly #minutes: Histogram[] = [];
  #startMs = Infinity;

  /** Minutes count from this time of the clock. */
  start(nowMs: number): void {
    this.#startMs = nowMs;
  }

  override record(kind: CallKind, elapsedMs: number, status: number, answeredAtMs: number): void {
    super.record(kind, elapsedMs, status, answeredAtMs);
    const minute = Math.floor((answeredAtMs - this.#startMs) / 60_000);
    if (minute < 0) return;
    const times = (this.#minutes[minute] ??= build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: SLOWEST_US,
      numberOfSignificantValueDigits: 3,
    }));
    times.recordValue(Math.min(Math.max(1, Math.round(elapsedMs * US_PER_MS)), SLOWEST_US));
  }

  /** The first so many minutes. */
  minutes(count: number): LatencyMinute[] {
    return this.#minutes.slice(0, count).map((times, minute) => {
      const percentileMs = (percent: number): number =>
        times.getValueAtPercentile(percent) / US_PER_MS;
      return {
        minute,
        calls: times.totalCount,
        p50Ms: percentileMs(50),
        p99Ms: percentileMs(99),
      };
    });
  }
}

/**
 * What has to be flat, and how flat. Memory may rise by a tenth over what is judged: less is how full the collector lets its
 * heap get. The slowest answers of a minute depend on what else the machine does.
 */
export function flatSeriesOf(
  memory: readonly MemorySample[],
  latency: readonly LatencyMinute[],
): FlatSeries[] {
  const of = (read: (sample: MemorySample) => number | null): Sample[] =>
    memory.flatMap((sample) => {
      const value = read(sample);
      return value === null ? [] : [{ minute: sample.minute, value }];
    });
  const timesOf = (read: (minute: LatencyMinute) => number): Sample[] =>
    latency.map((minute) => ({ minute: minute.minute, value: read(minute) }));
  const handles = of((sample) => sample.handles);
  return [
    series(
      "memory of workerd",
      "MB",
      of(({ workerdMb }) => workerdMb),
      10,
      20,
    ),
    series(
      "memory of its host",
      "MB",
      of(({ hostMb }) => hostMb),
      10,
      20,
    ),
    ...(handles.length === 0 ? [] : [series("open handles", "", handles, 10, 50)]),
    series(
      "half of the answers",
      "ms",
      timesOf(({ p50Ms }) => p50Ms),
      25,
      5,
    ),
    series(
      "99 of 100 answers",
      "ms",
      timesOf(({ p99Ms }) => p99Ms),
      50,
      50,
    ),
  ];
}

function series(
  what: string,
  unit: string,
  samples: readonly Sample[],
  riseMaxPercent: number,
  riseMax: number,
): FlatSeries {
  return { what, unit, samples, riseMaxPercent, riseMax };
}
