import { scaled, seconds } from "./settings.js";

const RATE_UNIT = "1s";

function arrivals(perSecond, stages) {
  return {
    executor: "ramping-arrival-rate",
    timeUnit: RATE_UNIT,
    startRate: scaled(perSecond),
    preAllocatedVUs: scaled(perSecond * 4),
    maxVUs: scaled(200_000),
    stages: stages.map(([target, duration]) => ({
      target: scaled(target),
      duration: seconds(duration),
    })),
  };
}

/** Shoppers who are there at once, in steps. */
function crowd(stages) {
  return {
    executor: "ramping-vus",
    startVUs: 0,
    gracefulRampDown: seconds(30),
    stages: stages.map(([target, duration]) => ({
      target: scaled(target),
      duration: seconds(duration),
    })),
  };
}

/** The stories that a sale has to go through: shoppers, units, who is let in, and whether it is the peak. */
export const SCENARIOS = {
  // 10,000 come over ten minutes.
  "warm-up": { stock: 2_000, isPeak: false, load: arrivals(17, [[17, 600]]) },
  // 100,000 within a minute.
  herd: { stock: 10_000, isPeak: true, load: arrivals(1_667, [[1_667, 60]]) },
  // 50,000 at once, 200,000, 50,000 again.
  wave: {
    stock: 20_000,
    isPeak: true,
    load: crowd([
      [50_000, 120],
      [50_000, 120],
      [200_000, 60],
      [200_000, 120],
      [50_000, 60],
      [50_000, 120],
    ]),
  },
  // Ever more, then hardly any: when do promises break, and how soon are they kept again?
  stress: {
    stock: 50_000,
    isPeak: true,
    letsGoAt: 305,
    load: arrivals(200, [
      [500, 60],
      [1_000, 60],
      [2_000, 60],
      [4_000, 60],
      [8_000, 60],
      [100, 5],
      [100, 120],
    ]),
  },
  // As many as on a good day, for hours.
  soak: { stock: 100_000, isPeak: false, load: arrivals(50, [[50, 4 * 3600]]) },
};
