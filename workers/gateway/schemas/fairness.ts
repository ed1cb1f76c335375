import { z } from "@hono/zod-openapi";
import { Time } from "./common.ts";

const share = z.number().min(0).max(1);
const count = z.int().min(0);

const spread = z.object({ p50: count, p99: count, max: count });

const distance = z.object({
  tau: share.openapi({
    description:
      "Kendall's distance, normalised: the share of pairs that the two orders tell differently. 0: the same order; 0.5: by lot; 1: the reverse.",
  }),
  pairs: count.openapi({ description: "Pairs that have an order in both." }),
  discordant: count,
  displacedPlaces: spread,
});

const first = z
  .array(z.object({ k: count, share }))
  .openapi({ description: "How many of the first k arrivals are among the first k let in." });

const points = z.array(z.object({ arrived: count, admitted: count })).openapi({
  description: "Ranks from 1 of up to 200 shoppers, evenly chosen, in both orders: for a plot.",
});

const bound = z.object({
  peak: count,
  setting: count.nullable().openapi({
    description: "What was set when it came closest, or went furthest beyond; null: no bound.",
  }),
  overshoot: count.openapi({ description: "By how many it was exceeded at most: 0." }),
});

const wait = z
  .object({ admitted: count, p50Ms: count, p90Ms: count, p99Ms: count })
  .nullable()
  .openapi({ description: "Of those let in; null: nobody." });

/** How fair a sale was, worked out from its public log. */
export const Fairness = z
  .object({
    saleId: z.string(),
    isFinal: z.boolean().openapi({ description: "The sale has ended; nothing changes any more." }),
    asOf: Time.nullable().openapi({ description: "When the last entry was written." }),
    entries: count.openapi({ description: "Entries of the log that it was computed from." }),
    checkpoint: z
      .string()
      .nullable()
      .openapi({ description: "The signed checkpoint of that many entries." }),
    startedAt: Time.nullable(),
    endedAt: Time.nullable(),
    joined: count,
    numbered: count,
    invited: count,
    admitted: count,
    arrivalToNumber: distance
      .extend({
        displacedMs: spread,
        reorderWindowMs: count,
        beyondWindow: count.openapi({
          description: "Places displaced by more time than the window.",
        }),
      })
      .openapi({ description: "By the gateway's stamps; of places that are drawn, to the index." }),
    numberToAdmission: distance.extend({
      overtaken: count.openapi({
        description:
          "Pairs in which the one behind was let in while the one in front was asking: 0.",
      }),
    }),
    arrivalToAdmission: distance.extend({ first, points }).nullable().openapi({
      description:
        "null where places are drawn. Who was not let in counts as behind all who were; displaced are those who were.",
    }),
    lot: z
      .object({
        draws: count,
        places: count,
        sampled: count,
        tau: share,
        deviation: z.number().min(0).openapi({
          description: "Standard deviation of tau around 0.5 for so many places in random order.",
        }),
      })
      .nullable()
      .openapi({ description: "The order of drawn places is by lot; null where none is drawn." }),
    duplicates: z.object({ numbers: count, grants: count, places: count }),
    capacity: bound.openapi({ description: "Inside at once." }),
    rate: bound.openapi({ description: "Let in within any 60 seconds." }),
    noShows: z.object({ decided: count, lapsed: count, rate: share, left: count }),
    wait,
    cohorts: z
      .array(z.object({ from: Time, through: Time, joined: count, wait }))
      .max(24)
      .openapi({ description: "Those who came one after the other, in up to 24 equal parts." }),
    estimates: z
      .object({
        shown: count,
        judged: count,
        held: count,
        early: count,
        late: count,
        widthSeconds: z.number().min(0),
        widthShare: z.number().min(0),
      })
      .nullable()
      .openapi({ description: "A sample of the waits that were shown; null where none was." }),
    minuteBuckets: z
      .object({
        sampled: count,
        sampledEvery: count,
        refreshSeconds: z.number(),
        admitted: count,
        arrivalToAdmission: distance,
        first,
        points,
      })
      .nullable()
      .openapi({
        description:
          "Simulated: the same arrivals at the same pace, by buckets of a minute of arrival whose members are let in as they refresh; null where places are drawn.",
      }),
    units: z
      .object({
        shoppers: count,
        units: count,
        mean: z.number().min(0),
        deviation: z.number().min(0),
      })
      .nullable()
      .openapi({ description: "Units per shopper who bought; null before anybody has." }),
  })
  .openapi("Fairness");

/** The same, and what only staff may know. */
export const AdminFairness = Fairness.extend({
  unitsHistogram: z
    .array(z.object({ units: count, shoppers: count }))
    .openapi({ description: "How many shoppers bought so many units." }),
  outliers: z
    .array(z.object({ number: count, places: count, ms: count }))
    .max(10)
    .openapi({ description: "The places that are furthest from where their arrival belongs." }),
}).openapi("AdminFairness");
