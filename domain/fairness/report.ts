/*
 * What is reported of a sale's fairness, worked out from its public log alone but for the units that
 * shoppers bought. Distances between two orders are Kendall's, normalised: the share of pairs that the two
 * orders tell differently; 0 is the same order, 0.5 is by lot, 1 the reverse.
 */

/** How a figure is spread over many; all 0 of none. */
export interface Spread {
  p50: number;
  p99: number;
  max: number;
}

/** How far one order is from another. */
export interface OrderDistance {
  /** `discordant / pairs`; 0 of no pairs. */
  tau: number;
  /** Pairs that have an order in both. */
  pairs: number;
  discordant: number;
  /** How many places somebody stands from where they belong, in either direction. */
  displacedPlaces: Spread;
}

/** Somebody's rank, from 1, in two orders. */
export interface RankPair {
  arrived: number;
  admitted: number;
}

/** How many of the first `k` arrivals are among the first `k` who were let in. */
export interface FirstShare {
  k: number;
  share: number;
}

/** What an upper bound came to, at the moment that came closest to it or went furthest beyond. */
export interface BoundFigures {
  peak: number;
  /** What was set at that moment; `null` where nothing was ever bounded. */
  setting: number | null;
  /** By how many it was exceeded at most: 0, or the promise is broken. */
  overshoot: number;
}

/** Three values of a wait, and of how many. */
export interface WaitFigures {
  admitted: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
}

/** Those who came one after the other, and how long those of them waited who were let in. */
export interface WaitCohort {
  fromMs: number;
  throughMs: number;
  joined: number;
  /** `null` when nobody of them was let in, or none of those was looked at. */
  wait: WaitFigures | null;
}

/** How the waits that were shown compare with what came; a sample. */
export interface EstimateFigures {
  /** Shown, and of those how many have been answered by what came. */
  shown: number;
  judged: number;
  /** Of those judged: within the interval, let in sooner, and later. */
  held: number;
  early: number;
  late: number;
  /** Medians of those judged: in seconds, and as a share of the wait that came. */
  widthSeconds: number;
  widthShare: number;
}

/** How those who bought share out what was bought. */
export interface UnitFigures {
  shoppers: number;
  units: number;
  mean: number;
  /** Standard deviation. */
  deviation: number;
}

/** What the order would have been by buckets of a minute. */
export interface BucketFigures {
  /** Arrivals that were simulated: every so-manieth. */
  sampled: number;
  sampledEvery: number;
  refreshSeconds: number;
  /** Of those, how many were let in. */
  admitted: number;
  arrivalToAdmission: OrderDistance;
  first: FirstShare[];
  points: RankPair[];
}

/** A place that is far from where its arrival belongs. */
export interface Outlier {
  /** The number, or where places are drawn the index. */
  number: number;
  places: number;
  ms: number;
}

/** The report. Times are milliseconds since the epoch. */
export interface FairnessReport {
  /** The sale has ended and all of its log is in it: nothing of this changes any more. */
  isFinal: boolean;
  /** When the last entry was written that is in it; 0 of none. */
  asOfMs: number;
  /** Entries that it covers, from the first: of the log as the checkpoint signs it. */
  entries: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  joined: number;
  /** Whose number has been told or drawn. */
  numbered: number;
  invited: number;
  admitted: number;
  /** By the gateway's stamps; of those who are drawn, arrival to index. */
  arrivalToNumber: OrderDistance & {
    /** Between somebody's arrival and the one that their place belongs to. */
    displacedMs: Spread;
    reorderWindowMs: number;
    /** Places that are displaced by more time than the window. */
    beyondWindow: number;
  };
  numberToAdmission: OrderDistance & {
    /** Pairs in which the one behind was let in while the one in front was asking: 0, or the promise is broken. */
    overtaken: number;
  };
  /** `null` where places are drawn: there the order of arrival is none that was to be kept. */
  arrivalToAdmission: (OrderDistance & { first: FirstShare[]; points: RankPair[] }) | null;
  /** The draws; `null` where no place was drawn. */
  lot: {
    draws: number;
    places: number;
    /** Places that were looked at. */
    sampled: number;
    /** Index to number. */
    tau: number;
    /** Standard deviation of tau around 0.5 for so many places in random order. */
    deviation: number;
  } | null;
  duplicates: {
    /** Joins with a number or index that was not the next. */
    numbers: number;
    /** Grants to whoever had been let in before, or whose turn was over. */
    grants: number;
    /** Places that stand beside another one of the same shopper. */
    places: number;
  };
  /** Inside at once, and let in within any 60 seconds; judged whenever somebody is let in. */
  capacity: BoundFigures;
  rate: BoundFigures;
  noShows: {
    /** Whose turn came and is decided: they came, or let the invitation lapse. */
    decided: number;
    lapsed: number;
    /** `lapsed / decided`; 0 of none. */
    rate: number;
    /** Who gave the place up before they asked. */
    left: number;
  };
  /** From the arrival, or the start for who came before it, to the pass. */
  wait: WaitFigures | null;
  cohorts: WaitCohort[];
  estimates: EstimateFigures | null;
  minuteBuckets: BucketFigures | null;
  /** The ten that are furthest, the furthest first; for staff. */
  outliers: Outlier[];
}

/** A report, and the signed checkpoint of the entries that it covers. */
export interface SaleFairness extends FairnessReport {
  checkpoint: string;
}

/** Where a sale's log stands, and the report that is kept once it is final. */
export interface FairnessHead {
  checkpoint: { size: number; note: string };
  kept: SaleFairness | null;
}
