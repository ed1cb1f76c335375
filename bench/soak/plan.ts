import { type Numbers, numberFrom, type ParsedOptions } from "../options.ts";
import { type PaymentMix, parsePaymentMix } from "../payments.ts";
import { planOf, type RunPlan } from "../run.ts";

/** Text options of a soak. */
export const SOAK_OPTIONS = {
  minutes: "how long shoppers arrive (30)",
  payments: "ways to pay that fail, in percent",
  save: "file to write what came of it to, with the series and the versions, as JSON",
};

/** Defaults of a soak: `rate` shoppers a minute arrive and are let in, which is some 30 calls a second. */
export const SOAK_FALLBACKS = {
  rate: 150,
  capacity: 500,
  "hold-seconds": 30,
  "walk-away": 5,
} as const satisfies Partial<Numbers>;

const MINUTES = { fallback: 30, min: 1, max: 600 };
const PAYMENTS = "decline=10,timeout=5,webhook_twice=5,action=5,cash=5";
/** Payments run so many times faster than in production, so that those left behind end soon after the load. */
export const SOAK_TIME_SCALE = 20;
/** The line is so long from the beginning, in seconds of its rate, and stays so. */
const LINE_SECONDS = 20;
/** Minutes of sales that the item has in stock: it is restocked each minute, and never sold out. */
const STOCK_MINUTES = 3;
/** After the load everybody comes to an end within this time. */
const AFTERWARDS_MINUTES = 10;
/** What is not judged: caches fill, code is compiled. */
const WARM_UP_SHARE = 1 / 3;

/** A soak that a command line describes. */
export interface SoakPlan {
  minutes: number;
  warmUpMinutes: number;
  /** Shoppers who come in a minute, … */
  comeEachMinute: number;
  /** … and units that are added in one. */
  restockUnits: number;
  /** Shoppers in line from the beginning. */
  lineLength: number;
  numbers: Numbers;
  run: RunPlan;
}

/** Reads the plan. Throws `UsageError`. */
export function soakPlanOf({ numbers, texts }: ParsedOptions<keyof typeof SOAK_OPTIONS>): SoakPlan {
  const minutes = numberFrom("minutes", texts.minutes, MINUTES);
  const payments: PaymentMix = parsePaymentMix(texts.payments ?? PAYMENTS);
  const { rate } = numbers;
  const lineLength = Math.ceil((rate * LINE_SECONDS) / 60);
  const stock = rate * STOCK_MINUTES;
  const run = planOf({ ...numbers, stock }, payments);
  return {
    minutes,
    warmUpMinutes: minutes * WARM_UP_SHARE,
    comeEachMinute: rate,
    restockUnits: rate,
    lineLength,
    numbers: { ...numbers, "max-minutes": minutes + AFTERWARDS_MINUTES },
    run: {
      ...run,
      crowd: {
        ...run.crowd,
        arrivals: [
          { afterSeconds: 0, seconds: 1, shoppers: lineLength },
          { afterSeconds: 1, seconds: minutes * 60 - 1, shoppers: rate * minutes },
        ],
      },
    },
  };
}

/**
 * How fast the line has to move in the next minute, in shoppers a minute, to be as long as it was. A rate that is as high as
 * shoppers come is not enough: it is an upper bound, counted by whole seconds over 61 of them, and what a slow moment let
 * nobody in for does not come back.
 */
export function rateFor(
  { comeEachMinute, lineLength }: Pick<SoakPlan, "comeEachMinute" | "lineLength">,
  waiting: number,
): number {
  return Math.max(1, comeEachMinute + waiting - lineLength);
}
