import { build, type Histogram } from "hdr-histogram-js";
import type { CallKind } from "../meter.ts";
import { Meter } from "../meter.ts";
import { type Handles, sumOf } from "./handles.ts";
import type { FlatSeries, Sample } from "./trend.ts";

/** What the server's processes held at a moment; null where the system does not tell. */
export interface MemorySample {
  minute: number;
  workerdMb: number;
  /** The process that runs workerd beside it: its queues, its cron. */
  hostMb: number;
  /** What workerd had open. */
  handles: Handles | null;
  /** Shoppers in line: the load is steady while these are as many. */
  waiting: number;
  d1Mb: number;
  objectsMb: number;
}

/** How long shoppers waited for answers in some time from this minute on. */
export interface Latency {
  minute: number;
  calls: number;
  p50Ms: number;
  p99Ms: number;
}

/** Latency is judged by windows of so long, some hundred calls each: a short soak has enough of them, too. */
const WINDOW_MS = 10_000;
const WINDOWS_PER_MINUTE = 60_000 / WINDOW_MS;
/** Longest time told apart. */
const SLOWEST_US = 120_000_000;
const US_PER_MS = 1000;

/**
 * What each kind of handles may rise by, in percent of its median or so many. Connections come and go with what shoppers do,
 * and files with the objects that are awake, ten of them more or less; nothing else moves.
 */
const HANDLES_RISE_MAX: readonly [kind: keyof Handles, percent: number, count: number][] = [
  ["connections", 10, 30],
  ["deserted", 0, 5],
  ["files", 10, 30],
  ["others", 0, 5],
];

/** A meter that also tells how it was window by window. */
export class WindowMeter extends Meter {
  readonly #windows: Histogram[] = [];
  #startMs = Infinity;

  /** Windows count from this time of the clock. */
  start(nowMs: number): void {
    this.#startMs = nowMs;
  }

  override record(kind: CallKind, elapsedMs: number, status: number, answeredAtMs: number): void {
    super.record(kind, elapsedMs, status, answeredAtMs);
    const window = Math.floor((answeredAtMs - this.#startMs) / WINDOW_MS);
    while (this.#windows.length <= window) this.#windows.push(newHistogram());
    const elapsedUs = Math.round(elapsedMs * US_PER_MS);
    this.#windows[window]?.recordValue(Math.min(Math.max(1, elapsedUs), SLOWEST_US));
  }

  /** The windows of the first so many minutes. */
  windows(minutes: number): Latency[] {
    return this.#told(minutes, 1);
  }

  /** The first so many minutes. */
  minutes(minutes: number): Latency[] {
    return this.#told(minutes, WINDOWS_PER_MINUTE);
  }

  #told(minutes: number, windowsEach: number): Latency[] {
    const told: Latency[] = [];
    const windows = this.#windows.slice(0, minutes * WINDOWS_PER_MINUTE);
    for (let first = 0; first < windows.length; first += windowsEach) {
      const times = newHistogram();
      for (const window of windows.slice(first, first + windowsEach)) times.add(window);
      const percentileMs = (percent: number): number =>
        times.getValueAtPercentile(percent) / US_PER_MS;
      told.push({
        minute: first / WINDOWS_PER_MINUTE,
        calls: times.totalCount,
        p50Ms: percentileMs(50),
        p99Ms: percentileMs(99),
      });
    }
    return told;
  }
}

function newHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: SLOWEST_US,
    numberOfSignificantValueDigits: 2,
  });
}

/**
 * What has to be flat, and how flat. Memory may rise by a tenth over what is judged: less is how full the collector lets its
 * heap get. The slowest answers depend on what else the machine does. Whoever waits has a socket or polls, and a socket keeps
 * an object awake: where the line grows, so may all the rest, and the soak says nothing.
 */
export function flatSeriesOf(
  memory: readonly MemorySample[],
  latency: readonly Latency[],
): FlatSeries[] {
  const of = (read: (sample: MemorySample) => number | null): Sample[] =>
    memory.flatMap((sample) => {
      const value = read(sample);
      return value === null ? [] : [{ minute: sample.minute, value }];
    });
  const timesOf = (read: (window: Latency) => number): Sample[] =>
    latency.map((window) => ({ minute: window.minute, value: read(window) }));
  const waiting = of((sample) => sample.waiting);
  const workerdMb = of((sample) => sample.workerdMb);
  const hostMb = of((sample) => sample.hostMb);
  return [
    series("shoppers in line", "", waiting, 10, 10),
    series("memory of workerd", "MB", workerdMb, 10, 20),
    series("memory of its host", "MB", hostMb, 10, 20),
    ...(memory.some(({ handles }) => handles !== null) ? handleSeries(of) : []),
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

/** Handles all together, and each kind. */
function handleSeries(
  of: (read: (sample: MemorySample) => number | null) => Sample[],
): FlatSeries[] {
  const all = of(({ handles }) => handles && sumOf(handles));
  const kinds = HANDLES_RISE_MAX.map(([kind, percent, count]) => {
    const one = of(({ handles }) => handles && handles[kind]);
    return series(`open handles: ${kind}`, "", one, percent, count);
  });
  return [series("open handles", "", all, 10, 50), ...kinds];
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
