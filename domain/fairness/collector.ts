import { at } from "../at.ts";
import type { LogControls, LogEntry, LogTerms } from "../log/leaf.ts";
import type { Random } from "../random.ts";
import { Arrivals } from "./arrivals.ts";
import { displacementsOf, type Displacements } from "./displacement.ts";
import { EstimateSample } from "./estimates.ts";
import { kendallDistance } from "./kendall.ts";
import { Lot } from "./lot.ts";
import { minuteBucketOrder, REFRESH_MS, reloadsOf } from "./minute-buckets.ts";
import type { BucketFigures, FairnessReport, Outlier } from "./report.ts";
import { orderDistance, servedOf } from "./served.ts";
import { spreadOf } from "./spread.ts";
import { Turns } from "./turns.ts";
import { waitsOf } from "./waits.ts";

/** Arrivals that are simulated: some tenths of a second of work, … */
const BUCKETS_MAX_ARRIVALS = 20_000;
/** … and so are as many reloads. */
const BUCKETS_MAX_RELOADS = 2_000_000;
/** The places furthest from where they belong that are told by number. */
const OUTLIERS_MAX = 10;

/**
 * Takes the entries of a sale's log one after the other and tells how fair the line was. It keeps some 45
 * bytes a place, so that a line of a million fits into an isolate.
 */
export class FairnessCollector {
  readonly #arrivals = new Arrivals();
  readonly #turns = new Turns();
  readonly #estimates = new EstimateSample();
  #lot = new Lot(0);
  #terms: LogTerms | null = null;
  #controls: LogControls | null = null;
  #entries = 0;
  #asOfMs = 0;
  #startedAtMs: number | null = null;
  #endedAtMs: number | null = null;

  /** How many entries were taken: where the next one stands. */
  get entries(): number {
    return this.#entries;
  }

  /** Places that are kept. */
  get joined(): number {
    return this.#arrivals.joined;
  }

  /** Takes the next entry. A kind that is not known yet changes nothing. */
  take(entry: LogEntry): void {
    this.#entries += 1;
    this.#asOfMs = entry.atMs;
    const turns = this.#turns;
    switch (entry.kind) {
      case "opened":
        this.#open(entry.terms);
        break;
      case "joined": {
        const index = entry.index ?? entry.number ?? 0;
        this.#arrivals.add(index, entry.arrivedAtMs, entry.binding);
        break;
      }
      case "turned":
        if (entry.turn === "started") this.#startedAtMs ??= entry.atMs;
        else this.#endedAtMs ??= entry.atMs;
        break;
      case "led":
        this.#controls = entry.controls;
        break;
      case "drawn":
        this.#lot.drawn(entry.joined);
        break;
      case "randomness":
        this.#lot.randomness(entry.value);
        break;
      case "revealed":
        this.#lot.revealed(entry.draw, entry.seed);
        break;
      case "invited":
        turns.invited = Math.max(turns.invited, entry.through);
        break;
      case "asked":
        turns.asked(entry.number);
        break;
      case "granted":
        if (this.#controls)
          turns.granted(entry.number, entry.atMs, entry.expiresAtMs, this.#controls);
        break;
      case "renewed":
        turns.renewed(entry.number, entry.expiresAtMs);
        break;
      case "lapsed":
        turns.lapsed(entry.first, entry.through);
        break;
      case "over":
        turns.over(entry.number, entry.how);
        break;
      case "estimated":
        this.#estimates.note(entry.number, entry, entry.atMs);
        break;
      case "controlled":
        break;
    }
  }

  /** How fair the line was up to the last entry. `random` decides who reloads when, by minute buckets. */
  report(random: Random): FairnessReport {
    const arrivals = this.#arrivals;
    const turns = this.#turns;
    const lot = this.#lot;
    const nowMs = this.#asOfMs;
    const arrived = this.#arrived();
    const served = lot.draws ? null : this.#served();
    return {
      isFinal: this.#endedAtMs !== null,
      asOfMs: nowMs,
      entries: this.#entries,
      startedAtMs: this.#startedAtMs,
      endedAtMs: this.#endedAtMs,
      joined: arrivals.joined,
      numbered: lot.numbered(arrivals.joined),
      invited: turns.invited,
      admitted: turns.admitted.length,
      ...arrived,
      numberToAdmission: { ...orderDistance(turns.admitted), overtaken: turns.overtaken },
      arrivalToAdmission: served && flat(servedOf(served.arrivalsMs, served.admitted)),
      lot: lot.figures(),
      duplicates: {
        numbers: arrivals.outOfTurn,
        grants: turns.wrongGrants,
        // Who left before a draw is told by number only after it, so that drawn places say nothing here.
        places: lot.draws ? 0 : arrivals.doubles((number) => turns.stands(number, nowMs)),
      },
      capacity: turns.bounds.capacity.figures(),
      rate: turns.bounds.rate.figures(),
      noShows: turns.noShows(),
      ...waitsOf(arrivals, turns, lot, this.#startedAtMs ?? 0),
      estimates: this.#estimates.figures({
        admittedAtMs: (number) => turns.admittedAtMs(number),
        isWaiting: (number) => this.#endedAtMs === null && turns.isWaiting(number),
        nowMs,
      }),
      minuteBuckets: served && this.#byMinuteBuckets(served.arrivalsMs, random),
    };
  }

  #arrived(): Pick<FairnessReport, "arrivalToNumber" | "outliers"> {
    const { atMs } = this.#arrivals;
    const reorderWindowMs = this.#terms?.reorderWindowMs ?? 0;
    const displaced = displacementsOf(atMs);
    const arrivalToNumber = {
      ...kendallDistance(atMs),
      displacedPlaces: spreadOf(displaced.places),
      displacedMs: spreadOf(displaced.values),
      reorderWindowMs,
      beyondWindow: displaced.values.filter((ms) => ms > reorderWindowMs).length,
    };
    return { arrivalToNumber, outliers: outliersOf(displaced) };
  }

  #open(terms: LogTerms): void {
    this.#terms = terms;
    this.#lot = new Lot(terms.drawsMax);
    this.#controls = {
      newUsersPerMinute: terms.newUsersPerMinute,
      totalActiveUsers: terms.totalActiveUsers,
      sessionDurationSeconds: terms.sessionDurationSeconds,
      disableSessionRenewal: terms.disableSessionRenewal,
      queueAll: false,
      suspended: terms.queueingMethod === "passthrough",
      draining: false,
    };
  }

  /** Those who came or may still come, by number, and which of them were let in, in order. */
  #served(): { arrivalsMs: Float64Array; admitted: Int32Array } {
    const { atMs } = this.#arrivals;
    const turns = this.#turns;
    const came = atMs.filter((_, offset) => !turns.hasNotCome(offset + 1));
    const positions = new Int32Array(atMs.length);
    let position = 0;
    for (let offset = 0; offset < positions.length; offset++)
      positions[offset] = turns.hasNotCome(offset + 1) ? -1 : position++;
    const admitted = Int32Array.from(turns.admitted, (number) => positions[number - 1] ?? -1);
    return { arrivalsMs: came, admitted: admitted.filter((position) => position >= 0) };
  }

  /** What the order would have been for the same arrivals at the same pace: of every so-manieth. */
  #byMinuteBuckets(arrivalsMs: Float64Array, random: Random): BucketFigures {
    const { grantedAtMs } = this.#turns.bounds;
    const sorted = arrivalsMs.toSorted();
    const cost = Math.max(
      sorted.length / BUCKETS_MAX_ARRIVALS,
      reloadsOf(sorted, grantedAtMs) / BUCKETS_MAX_RELOADS,
    );
    const every = Math.max(1, Math.ceil(cost));
    const sample = sorted.filter((_, rank) => rank % every === 0);
    const slots = grantedAtMs.filter((_, rank) => rank % every === 0);
    const order = minuteBucketOrder(sample, slots, random);
    return {
      sampled: sample.length,
      sampledEvery: every,
      refreshSeconds: REFRESH_MS / 1000,
      admitted: order.length,
      ...servedOf(sample, order),
    };
  }
}

function flat({ arrivalToAdmission, ...rest }: ReturnType<typeof servedOf>) {
  return { ...arrivalToAdmission, ...rest };
}

/** Those who are displaced most, the furthest first, among equal ones the first. */
function outliersOf({ places, values }: Displacements): Outlier[] {
  const outliers: Outlier[] = [];
  let least = 0;
  for (const [offset, count] of places.entries()) {
    if (count <= least) continue;
    outliers.push({ number: offset + 1, places: count, ms: at(values, offset) });
    outliers.sort((a, b) => b.places - a.places || a.number - b.number);
    if (outliers.length > OUTLIERS_MAX) outliers.pop();
    if (outliers.length === OUTLIERS_MAX) least = outliers.at(-1)?.places ?? 0;
  }
  return outliers;
}
