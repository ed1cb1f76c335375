/** One sample of a series: when, in minutes since the load began, and how much. */
export interface Sample {
  minute: number;
  value: number;
}

/** A series that is to stay flat, and by how much it may rise all the same. */
export interface FlatSeries {
  what: string;
  unit: string;
  samples: readonly Sample[];
  /** Over the time that is judged, in percent of its median, … */
  riseMaxPercent: number;
  /** … or in its unit: what is less is noise, whatever the median. */
  riseMax: number;
}

/** What a series came to after the warm-up. */
export interface Trend {
  what: string;
  unit: string;
  samples: number;
  median: number;
  /** The slope, and what it comes to over the time that was judged. */
  perHour: number;
  rise: number;
  /** The greatest rise that is flat. */
  bound: number;
  isFlat: boolean;
}

/** Fewer samples than these say nothing. */
const SAMPLES_MIN = 5;
const MINUTES_PER_HOUR = 60;

/** Judges what came after the warm-up. A series that falls is flat; one with too few samples is not. */
export function trendOf(series: FlatSeries, warmUpMinutes: number): Trend {
  const { what, unit } = series;
  const samples = series.samples.filter(({ minute }) => minute >= warmUpMinutes);
  const median = medianOf(samples.map(({ value }) => value));
  const perMinute = slopeOf(samples);
  const minutes = (samples.at(-1)?.minute ?? 0) - (samples[0]?.minute ?? 0);
  const rise = perMinute * minutes;
  const bound = Math.max((median * series.riseMaxPercent) / 100, series.riseMax);
  return {
    what,
    unit,
    samples: samples.length,
    median,
    perHour: perMinute * MINUTES_PER_HOUR,
    rise,
    bound,
    isFlat: samples.length >= SAMPLES_MIN && rise <= bound,
  };
}

/**
 * The slope by Theil and Sen: the median of the slopes between all pairs, which outliers of up to 29 percent do not move
 * (https://en.wikipedia.org/wiki/Theil–Sen_estimator).
 */
export function slopeOf(samples: readonly Sample[]): number {
  const slopes = samples.flatMap((from, index) =>
    samples
      .slice(index + 1)
      .filter(({ minute }) => minute !== from.minute)
      .map((to) => (to.value - from.value) / (to.minute - from.minute)),
  );
  return medianOf(slopes);
}

/** The middle value, or between the two in the middle; 0 of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
