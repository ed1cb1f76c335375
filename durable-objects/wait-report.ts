import { sha256Hex } from "../domain/hash.ts";
import { percentilesOf, type Percentiles } from "../domain/percentiles.ts";
import { drawnNumber, type Shuffle } from "../domain/queue/shuffle.ts";
import type { LineRecord, SequencerStore } from "./sequencer-store.ts";

/**
 * Places that are looked at: under 0.1 s of work, or where places are drawn under a second, once. What
 * is told as the 99th percentile is the true 98.6th to 99.4th, 19 times of 20.
 */
const SAMPLE_MAX_PLACES = 2_000;

/** How long those waited who were let in, from joining (who came early: from the start) to the pass. */
export interface WaitReport {
  /** `null` when nobody was let in. */
  waitMs: Percentiles | null;
  /** Of each lane's places every so-manieth was looked at; 1: all. */
  sampledEvery: number;
}

/**
 * The waits of a sale that has ended, worked out when they are first asked for and remembered: an ended
 * sale lets nobody in any more. Joins and claims pay nothing for it.
 */
export function waitReport(store: SequencerStore, record: LineRecord): WaitReport {
  const known = store.waits();
  if (known) return known;
  const { lastNumber } = record.line;
  const sampledEvery = Math.max(1, Math.ceil(lastNumber / SAMPLE_MAX_PLACES));
  const report = { waitMs: percentilesOf(waitsOf(store, record, sampledEvery)), sampledEvery };
  store.writeWaits(report);
  return report;
}

/** A lane gets its shoppers by a keyed hash and counts them as they come: every n-th of each is a fair sample. */
function waitsOf(store: SequencerStore, record: LineRecord, every: number): number[] {
  const { definition, control, shuffle } = record;
  const draws = shuffle && singleDraws(shuffle);
  const waits: number[] = [];
  for (let lane = 0; lane < definition.queue.lanes; lane++) {
    const last = store.lastLaneSeq(lane);
    for (let laneSeq = Math.ceil(every / 2); laneSeq <= last; laneSeq += every) {
      const place = store.placeOf(lane, laneSeq);
      const number = place && (draws ? numberOf(place.number, draws) : place.number);
      const claimedAtMs = number === null ? null : store.claims.claim(number)?.claimed_at_ms;
      if (place && claimedAtMs != null)
        waits.push(Math.max(0, claimedAtMs - Math.max(place.stampMs, control.startsAtMs)));
    }
  }
  return waits;
}

/** The shuffle as of each of its draws: with its own seed at hand nobody hashes down the chain for every place. */
function singleDraws(shuffle: Shuffle): Shuffle[] {
  const draws: Shuffle[] = [];
  let { seed } = shuffle;
  for (let ends = shuffle.ends; ends.length > 0; ends = ends.slice(0, -1)) {
    draws.unshift({ ...shuffle, ends, seed });
    seed = seed === null ? null : sha256Hex(seed);
  }
  return draws;
}

function numberOf(index: number, draws: readonly Shuffle[]): number | null {
  const last = draws.at(-1);
  const draw = draws.find(({ ends }) => index <= (ends.at(-1) ?? 0)) ?? last;
  return draw ? drawnNumber(index, draw) : null;
}
