import { scaled } from "./settings.js";

const RATE_UNIT = "1s";
/** So many may be under way before those who come are counted as dropped. */
const UNDER_WAY_MAX = 200_000;
const RAMP_DOWN_SECONDS = 30;

/**
 * The stories that a sale has to go through, unscaled: units, whether it is the peak, and how many there are: those
 * who come a second (`startRate`), or those who are there at once; to so many within so many seconds, stage by stage.
 * Where they are there at once each, when done, rests for about `restSeconds` and is somebody else: without it whoever
 * finds all sold would ask again in the next millisecond, which no crowd does.
 */
export const SCENARIOS = {
  // 10,000 come over ten minutes.
  "warm-up": { stock: 2_000, isPeak: false, startRate: 17, stages: [[17, 600]] },
  // 100,000 within a minute.
  herd: { stock: 10_000, isPeak: true, startRate: 1_667, stages: [[1_667, 60]] },
  // 50,000 at once, 200,000, 50,000 again.
  wave: {
    stock: 20_000,
    isPeak: true,
    startRate: null,
    restSeconds: 10,
    stages: [
      [50_000, 120],
      [50_000, 120],
      [200_000, 60],
      [200_000, 120],
      [50_000, 60],
      [50_000, 120],
    ],
  },
  // Ever more, then hardly any: when do promises break, and how soon are they kept again?
  stress: {
    stock: 50_000,
    isPeak: true,
    letsGoAtSeconds: 305,
    startRate: 200,
    stages: [
      [500, 60],
      [1_000, 60],
      [2_000, 60],
      [4_000, 60],
      [8_000, 60],
      [100, 5],
      [100, 120],
    ],
  },
  // As many as on a good day, for hours.
  soak: { stock: 100_000, isPeak: false, startRate: 50, stages: [[50, 4 * 3600]] },
};

/** How long a story takes, unscaled. */
export function secondsOf({ stages }) {
  return stages.reduce((sum, [, duration]) => sum + duration, 0);
}

/** The story as k6 takes it: numbers of people scaled, durations multiplied by `timeScale`. */
export function loadOf({ startRate, stages }, timeScale) {
  const seconds = (count) => `${Math.max(1, Math.round(count * timeScale))}s`;
  const scaledStages = stages.map(([target, duration]) => ({
    target: scaled(target),
    duration: seconds(duration),
  }));
  if (startRate === null)
    return {
      executor: "ramping-vus",
      startVUs: 0,
      gracefulRampDown: seconds(RAMP_DOWN_SECONDS),
      stages: scaledStages,
    };
  return {
    executor: "ramping-arrival-rate",
    timeUnit: RATE_UNIT,
    startRate: scaled(startRate),
    preAllocatedVUs: scaled(startRate * 4),
    maxVUs: scaled(UNDER_WAY_MAX),
    stages: scaledStages,
  };
}
