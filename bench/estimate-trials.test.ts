import { describe, expect, it } from "vitest";
import { meanCalibration, runTrial, TRIALS } from "./estimate-trials.ts";

/** One seed in five of a slow room misses more than one in ten. */
const SEEDS = 5;

describe("estimates of a line that is drained", () => {
  it.each(TRIALS.slice(0, 6))("$name: nine of ten hold the truth, and are narrow", (trial) => {
    const { held, shown, widthSeconds, widthShare } = meanCalibration(trial, SEEDS);
    expect(shown).toBeGreaterThan(500);
    expect(held).toBeGreaterThanOrEqual(0.9);
    expect(widthShare <= 0.4 || widthSeconds <= 30).toBe(true);
  });

  it("are the same for the same seed", () => {
    const [trial] = TRIALS.slice(4);
    if (!trial) throw new Error("There is a fifth trial.");
    expect(runTrial(trial, 7)).toEqual(runTrial(trial, 7));
  });
});
