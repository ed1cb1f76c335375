import { meanCalibration, TRIALS } from "./estimate-trials.ts";

/** Seeds of each trial; their shares are averaged. */
const SEEDS = 5;

/** Prints how often the waits that the product shows hold what comes, line by line. */
console.log("line                               held   early  late   median width");
for (const trial of TRIALS) {
  const { early, held, late, widthSeconds, widthShare } = meanCalibration(trial, SEEDS);
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(7);
  console.log(
    `${trial.name.padEnd(34)} ${percent(held)}${percent(early)}${percent(late)} ` +
      `${widthSeconds.toFixed(0).padStart(6)} s, ${percent(widthShare).trim()} of the wait`,
  );
}
