import type { Spread } from "../domain/fairness/report.ts";

/** The part of the contract about fairness; a guard as in `contract.ts`. */

/** How far two orders are apart. */
export interface OrderTold {
  tau: number;
  displacedPlaces: Spread;
}

/** A bound, and what it came to. */
export interface BoundTold {
  peak: number;
  setting: number | null;
  overshoot: number;
}

/** Of the first `k` arrivals, the share that was among the first `k` let in. */
export interface FirstTold {
  k: number;
  share: number;
}

/** What the system says of a sale's fairness, as far as it is shown and judged here. */
export interface FairnessTold {
  entries: number;
  joined: number;
  admitted: number;
  arrivalToNumber: OrderTold & { displacedMs: Spread; beyondWindow: number };
  numberToAdmission: OrderTold & { overtaken: number };
  arrivalToAdmission: (OrderTold & { first: FirstTold[] }) | null;
  duplicates: { numbers: number; grants: number; places: number };
  capacity: BoundTold;
  rate: BoundTold;
  noShows: { decided: number; lapsed: number };
  wait: { p50Ms: number; p99Ms: number } | null;
  estimates: { judged: number; held: number; widthSeconds: number } | null;
  minuteBuckets: {
    sampled: number;
    sampledEvery: number;
    arrivalToAdmission: OrderTold;
    first: FirstTold[];
  } | null;
  units: { shoppers: number; mean: number; deviation: number } | null;
}

/** The fairness of a sale. */
export function isFairness(body: object): body is FairnessTold {
  return "arrivalToNumber" in body && "numberToAdmission" in body && "duplicates" in body;
}
