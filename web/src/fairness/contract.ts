/** The report on a sale's fairness as the shop's HTTP interface answers it. Times are RFC 3339 text; tau is 0 for the same order, 0.5 by lot, 1 for the reverse. */

/** How a figure is spread over many. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How far one order is from another, over all pairs that have an order in both. */
export interface Distance {
  readonly tau: number;
  readonly pairs: number;
  readonly discordant: number;
  readonly displacedPlaces: Spread;
}

/** Somebody's rank, from 1, among those who came and those who were let in. */
export interface RankPair {
  readonly arrived: number;
  readonly admitted: number;
}

/** The order of arrival against that of admission: as figures, and as points to plot. */
export interface Order extends Distance {
  /** How many of the first `k` who came are among the first `k` let in. */
  readonly first: readonly { readonly k: number; readonly share: number }[];
  readonly points: readonly RankPair[];
}

/** What an upper bound came to; `setting` null: there was none. */
export interface Bound {
  readonly peak: number;
  readonly setting: number | null;
  readonly overshoot: number;
}

/** The waits of those who were let in. */
export interface Wait {
  readonly admitted: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

/** Those who came one after the other. */
export interface Cohort {
  readonly from: string;
  readonly through: string;
  readonly joined: number;
  readonly wait: Wait | null;
}

/** The same arrivals by buckets of a minute, simulated. */
export interface MinuteBuckets {
  readonly sampled: number;
  readonly sampledEvery: number;
  readonly refreshSeconds: number;
  readonly admitted: number;
  readonly arrivalToAdmission: Distance;
  readonly first: Order["first"];
  readonly points: readonly RankPair[];
}

/** How the waits that were shown compare with what came; a sample. */
export interface Estimates {
  readonly shown: number;
  readonly judged: number;
  readonly held: number;
  readonly early: number;
  readonly late: number;
  readonly widthSeconds: number;
  readonly widthShare: number;
}

/** What is told of a sale's fairness. */
export interface Fairness {
  readonly saleId: string;
  readonly isFinal: boolean;
  readonly asOf: string | null;
  readonly entries: number;
  readonly checkpoint: string | null;
  readonly joined: number;
  readonly numbered: number;
  readonly invited: number;
  readonly admitted: number;
  readonly arrivalToNumber: Distance & {
    readonly displacedMs: Spread;
    readonly reorderWindowMs: number;
    readonly beyondWindow: number;
  };
  readonly numberToAdmission: Distance & { readonly overtaken: number };
  /** null where places are drawn. */
  readonly arrivalToAdmission: Order | null;
  readonly lot: {
    readonly draws: number;
    readonly places: number;
    readonly sampled: number;
    readonly tau: number;
    readonly deviation: number;
  } | null;
  readonly duplicates: {
    readonly numbers: number;
    readonly grants: number;
    readonly places: number;
  };
  readonly capacity: Bound;
  readonly rate: Bound;
  readonly noShows: {
    readonly decided: number;
    readonly lapsed: number;
    readonly rate: number;
    readonly left: number;
  };
  readonly wait: Wait | null;
  readonly cohorts: readonly Cohort[];
  readonly estimates: Estimates | null;
  readonly minuteBuckets: MinuteBuckets | null;
  readonly units: {
    readonly shoppers: number;
    readonly units: number;
    readonly mean: number;
    readonly deviation: number;
  } | null;
}
