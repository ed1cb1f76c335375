import type { Distance, Fairness, RankPair } from "../fairness/contract.ts";

const distanceOf = (tau: number, places: number): Distance => ({
  tau,
  pairs: 499_500,
  discordant: Math.round(tau * 499_500),
  displacedPlaces: { p50: 0, p99: places, max: places },
});

const points = (spread: number): RankPair[] =>
  Array.from({ length: 200 }, (_, at) => ({
    arrived: at * 5 + 1,
    // Even and odd go far apart, more of them the larger the spread.
    admitted: Math.max(1, Math.min(1_000, at * 5 + 1 + ((at * 7_919) % (2 * spread + 1)) - spread)),
  }));

const first = (shares: readonly number[]): { k: number; share: number }[] =>
  shares
    .map((share, at) => ({ k: 10 * 10 ** (at / 2) || 1, share }))
    .map(({ k, share }) => ({ k: Math.round(k), share }));

/** A sale of a thousand shoppers in which every promise was kept, with whatever a test is about. */
export function fairnessOf(changes: Partial<Fairness> = {}): Fairness {
  const startMs = Date.parse("2026-11-22T12:00:00Z");
  return {
    saleId: "drop",
    isFinal: true,
    asOf: "2026-11-22T12:20:00.250Z",
    entries: 3_210,
    checkpoint: "shop.test/sales/drop\n3210\nqqqq\n\n— shop.test/sales/drop AAAA\n",
    joined: 1_000,
    numbered: 1_000,
    invited: 1_000,
    admitted: 930,
    arrivalToNumber: {
      ...distanceOf(0.00002, 2),
      displacedMs: { p50: 0, p99: 3, max: 41 },
      reorderWindowMs: 250,
      beyondWindow: 0,
    },
    numberToAdmission: { ...distanceOf(0.002, 8), overtaken: 0 },
    arrivalToAdmission: {
      ...distanceOf(0.002, 8),
      first: first([1, 0.97, 0.98, 0.99, 1]),
      points: points(8),
    },
    lot: null,
    duplicates: { numbers: 0, grants: 0, places: 0 },
    capacity: { peak: 200, setting: 200, overshoot: 0 },
    rate: { peak: 96, setting: 100, overshoot: 0 },
    noShows: { decided: 1_000, lapsed: 70, rate: 0.07, left: 0 },
    wait: { admitted: 930, p50Ms: 290_000, p90Ms: 520_000, p99Ms: 571_000 },
    cohorts: Array.from({ length: 24 }, (_, at) => ({
      from: new Date(startMs + at * 4_000).toISOString(),
      through: new Date(startMs + at * 4_000 + 3_999).toISOString(),
      joined: 42,
      wait: {
        admitted: 39,
        p50Ms: at * 24_000,
        p90Ms: at * 24_000 + 8_000,
        p99Ms: at * 24_000 + 19_000,
      },
    })),
    estimates: {
      shown: 64,
      judged: 60,
      held: 55,
      early: 3,
      late: 2,
      widthSeconds: 95,
      widthShare: 0.3,
    },
    minuteBuckets: {
      sampled: 1_000,
      sampledEvery: 1,
      refreshSeconds: 20,
      admitted: 930,
      arrivalToAdmission: distanceOf(0.49, 800),
      first: first([0.01, 0.04, 0.11, 0.35, 1]),
      points: points(420),
    },
    units: { shoppers: 400, units: 470, mean: 1.175, deviation: 0.38 },
    ...changes,
  };
}
