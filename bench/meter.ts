import { build, type Histogram } from "hdr-histogram-js";

/** The calls a driver tells apart, in the order in which a shopper makes them. */
export const CALL_KINDS = [
  "guest",
  "join",
  "live address",
  "waiting poll",
  "figures poll",
  "claim",
  "purchase",
  "checkout",
  "bank",
  "list join",
  "list poll",
  "list leave",
  "order poll",
  "cancel",
  "leave",
  "messages",
  "admin",
] as const;

/** One of the calls that are measured apart. */
export type CallKind = (typeof CALL_KINDS)[number];

/** What the report says about one kind of call; times in milliseconds. */
export interface CallFigures {
  kind: CallKind;
  count: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  byStatus: Record<string, number>;
}

/** Longest time told apart; slower answers count as this long. The HTTP time-out is below it. */
const SLOWEST_US = 120_000_000;
const US_PER_MS = 1000;

/** Counts and times every answered try of every kind of call. */
export class Meter {
  /** Tries that ended without an answer: refused, reset or timed out. Each was sent again. */
  lostConnections = 0;
  /** Answers 503: the system asked to come back. */
  busy = 0;
  /** Answers 429. */
  rateLimited = 0;
  /** Answers 5xx other than 503, which the contract does not know. */
  serverErrors = 0;
  /** Answered tries in the busiest second. */
  busiestSecond = 0;
  #second = 0;
  #inSecond = 0;
  readonly #kinds = new Map<CallKind, { times: Histogram; byStatus: Map<number, number> }>();

  /** Notes one try that was answered at this time of the clock. */
  record(kind: CallKind, elapsedMs: number, status: number, answeredAtMs: number): void {
    this.#countInSecond(Math.floor(answeredAtMs / 1000));
    const figures = this.#figures(kind);
    const elapsedUs = Math.round(elapsedMs * US_PER_MS);
    figures.times.recordValue(Math.min(Math.max(1, elapsedUs), SLOWEST_US));
    figures.byStatus.set(status, (figures.byStatus.get(status) ?? 0) + 1);
    if (status === 503) this.busy += 1;
    else if (status === 429) this.rateLimited += 1;
    else if (status >= 500) this.serverErrors += 1;
  }

  /** All answered tries of every kind. */
  get answered(): number {
    let count = 0;
    for (const figures of this.#kinds.values()) count += figures.times.totalCount;
    return count;
  }

  /** The figures of every kind that was called at all, in the order of `CALL_KINDS`. */
  figures(): CallFigures[] {
    return CALL_KINDS.flatMap((kind) => {
      const figures = this.#kinds.get(kind);
      if (figures === undefined) return [];
      const percentileMs = (percent: number): number =>
        figures.times.getValueAtPercentile(percent) / US_PER_MS;
      return [
        {
          kind,
          count: figures.times.totalCount,
          p50Ms: percentileMs(50),
          p95Ms: percentileMs(95),
          p99Ms: percentileMs(99),
          maxMs: figures.times.maxValue / US_PER_MS,
          byStatus: Object.fromEntries(figures.byStatus),
        },
      ];
    });
  }

  #countInSecond(second: number): void {
    this.#inSecond = second === this.#second ? this.#inSecond + 1 : 1;
    this.#second = second;
    this.busiestSecond = Math.max(this.busiestSecond, this.#inSecond);
  }

  #figures(kind: CallKind): { times: Histogram; byStatus: Map<number, number> } {
    let figures = this.#kinds.get(kind);
    if (figures === undefined) {
      const times = build({
        bitBucketSize: 32,
        lowestDiscernibleValue: 1,
        highestTrackableValue: SLOWEST_US,
        numberOfSignificantValueDigits: 3,
      });
      figures = { times, byStatus: new Map() };
      this.#kinds.set(kind, figures);
    }
    return figures;
  }
}
