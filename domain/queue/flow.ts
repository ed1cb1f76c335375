import type { LineState } from "./admission.ts";

/*
 * How fast a line moves, measured so that a wait can be told beforehand. A line that is bound by its
 * rate moves at that rate. One that is bound by its capacity moves as places come back; counting
 * invitations instead would take the first filling of the room for its pace.
 */

/** One look at the line's counters. */
export interface FlowSample {
  atMs: number;
  /** Places that had come back by then: who was invited and is neither inside nor expected. */
  freed: number;
}

/** How fast a line moves. */
export interface Flow {
  perSecond: number;
  /** How much one period differs from the next, as a share of the mean; 0 for a rate that is set. */
  spread: number;
  /** Over how long it was measured; `null` for a rate that is set. */
  overSeconds: number | null;
}

/** Samples are taken this far apart … */
export const FLOW_PERIOD_MS = 15_000;
/** … and kept for four minutes: longer than most stay inside, short enough to notice a change. */
const SAMPLES_MAX = 16;
/** A measurement over less than this says nothing yet. */
const MEASURED_MIN_MS = 5_000;
/** With fewer periods than this their differences say little: the line is taken to be uneven. */
const PERIODS_MIN = 3;
const UNKNOWN_SPREAD = 0.5;

/** The samples with where the line stands now, once a period. */
export function observeFlow(line: LineState, nowMs: number): readonly FlowSample[] {
  const samples = line.flow;
  const last = samples.at(-1);
  if (last && nowMs - last.atMs < FLOW_PERIOD_MS) return samples;
  return [...samples, { atMs: nowMs, freed: freedOf(line) }].slice(-SAMPLES_MAX);
}

/** How fast the line moves now; `null` while nobody can know. */
export function flowOf(line: LineState, setPerSecond: number, nowMs: number): Flow | null {
  const set: Flow = { perSecond: setPerSecond, spread: 0, overSeconds: null };
  if (!line.isFull) return set;
  const [first] = line.flow;
  const overMs = first ? nowMs - first.atMs : 0;
  const freed = first ? freedOf(line) - first.freed : 0;
  if (overMs < MEASURED_MIN_MS || freed <= 0) return null;
  const overSeconds = overMs / 1000;
  const perSecond = freed / overSeconds;
  if (perSecond >= setPerSecond) return set;
  return { perSecond, spread: spreadOf(line.flow), overSeconds };
}

function freedOf({ cursor, inside, expected }: LineState): number {
  return cursor - inside - expected;
}

/** The standard deviation of what came back in a period, as a share of its mean. */
function spreadOf(samples: readonly FlowSample[]): number {
  const rates: number[] = [];
  for (const [index, sample] of samples.entries()) {
    const before = samples[index - 1];
    if (before) rates.push((sample.freed - before.freed) / (sample.atMs - before.atMs));
  }
  if (rates.length < PERIODS_MIN) return UNKNOWN_SPREAD;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  if (mean <= 0) return UNKNOWN_SPREAD;
  const squares = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0);
  return Math.sqrt(squares / (rates.length - 1)) / mean;
}
