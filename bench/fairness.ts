import { countAdmissionInversions } from "./admission-order.ts";
import { arrivalsByNumber, countCertainInversions } from "./arrival-order.ts";
import { type Breach, breachOf, countBreaches } from "./breach.ts";
import { firstPlaces, numbersAreUnique } from "./checks-shoppers.ts";
import { displacementsOf } from "../domain/fairness/displacement.ts";
import { type KendallDistance, kendallDistance } from "../domain/fairness/kendall.ts";
import { type Drain, drainOf } from "./drain.ts";
import type { Evidence } from "./evidence.ts";
import type { Spread } from "../domain/fairness/report.ts";
import { spreadOf } from "../domain/fairness/spread.ts";
import type { ShopperRecord } from "./shopper-record.ts";
import { soldOutAtMs, type SoldOutFigures, soldOutFigures } from "./sold-out.ts";

/** The stamp of a grant and the answer to an ask come from two clocks, this far apart at most. */
const CLOCKS_APART_MS = 50;

/** What a line is judged by, besides what its shoppers were told. */
export interface LineTerms {
  reorderWindowMs: number;
  capacity: number;
  /** How long everyone stays inside; null when they buy. */
  serviceMs: number | null;
}

/** How fair a line was. */
export interface FairnessFigures {
  /** Places that were numbered by arrival. */
  placed: number;
  byGateway: KendallDistance;
  byClients: KendallDistance;
  displacedPlaces: Spread;
  displacedMs: Spread;
  reorderWindowMs: number;
  /** Places displaced by more time than the window. */
  beyondWindow: number;
  certainInversions: number;
  duplicateNumbers: number;
  /** Passes granted, and how many had to be asked for more than once. */
  granted: number;
  grantedLate: number;
  admissionInversions: number;
  /** Null where shoppers buy: then payment bounds the line as well. */
  drain: Drain | null;
  /** Null while units are left. */
  soldOut: SoldOutFigures | null;
}

/** Judges the line by the evidence of a finished run. */
export function fairnessOf({ ledger, records }: Evidence, terms: LineTerms): FairnessFigures {
  const gateway = gatewayArrivals(records);
  const timed = firstPlaces(records);
  const displaced = displacementsOf(gateway);
  const grants = grantedPlaces(records);
  const soldOutMs = soldOutAtMs(ledger);
  const { capacity, reorderWindowMs, serviceMs } = terms;
  return {
    placed: timed.length,
    byGateway: kendallDistance(gateway),
    byClients: kendallDistance(
      arrivalsByNumber(
        timed.map(({ number, firstSentAtMs }) => ({ number, arrivedAtMs: firstSentAtMs })),
      ),
    ),
    displacedPlaces: spreadOf(displaced.places),
    displacedMs: spreadOf(displaced.values),
    reorderWindowMs,
    beyondWindow: displaced.values.filter((ms) => ms > reorderWindowMs).length,
    certainInversions: countCertainInversions(timed),
    duplicateNumbers: countBreaches(numbersAreUnique(records), "duplicate"),
    granted: grants.length,
    grantedLate: grants.filter((place) => place.askKnownAtMs < place.grantedAtMs).length,
    admissionInversions: countAdmissionInversions(grants),
    drain: serviceMs === null ? null : drainOf(drainedPlaces(records), { capacity, serviceMs }),
    soldOut: soldOutMs === null ? null : soldOutFigures(records, soldOutMs),
  };
}

/** Who is known to ask is let in before everyone behind them. */
export function admissionOrderIsKept({ admissionInversions }: FairnessFigures): Breach[] {
  const failures = admissionInversions === 0 ? [] : [`${admissionInversions} pairs`];
  const promise = "who asks is let in before everyone behind them";
  return breachOf("admission", promise, failures, admissionInversions);
}

/** First places by the gateway's own stamps. */
function gatewayArrivals(records: readonly ShopperRecord[]): Float64Array {
  const places = records.flatMap(({ places: [place] }) => {
    if (place === undefined || place.number === null || !place.numberedAtJoin) return [];
    const { arrivedAtMs, number } = place;
    return arrivedAtMs === null ? [] : [{ number, arrivedAtMs }];
  });
  return arrivalsByNumber(places);
}

function grantedPlaces(records: readonly ShopperRecord[]) {
  return records.flatMap(({ places }) =>
    places.flatMap(({ askKnownAtMs, grantedAtMs, number }) => {
      if (number === null || askKnownAtMs === null || grantedAtMs === null) return [];
      return [{ number, grantedAtMs, askKnownAtMs: askKnownAtMs + CLOCKS_APART_MS }];
    }),
  );
}

function drainedPlaces(records: readonly ShopperRecord[]) {
  return records.flatMap(({ places }) =>
    places.map(({ firstSentAtMs, passAtMs }) => ({ joinedAtMs: firstSentAtMs, passAtMs })),
  );
}
