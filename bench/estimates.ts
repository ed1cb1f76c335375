import { runTrial, TRIALS } from "./estimate-trials.ts";

/** Seeds of each trial; their shares are averaged. */
const SEEDS = 5;

/** Prints how often the waits that the product shows hold what comes, line by line. */
console.log("line                               held   early  late   median width");
for (const trial of TRIALS) {
  const runs = Array.from({ length: SEEDS }, (_, index) => runTrial(trial, index + 1));
  const mean = (pick: (run: (typeof runs)[number]) => number): number =>
    runs.reduce((sum, run) => sum + pick(run), 0) / runs.length;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(7);
  console.log(
    `${trial.name.padEnd(34)} ${percent(mean((run) => run.held))}${percent(mean((run) => run.early))}` +
      `${percent(mean((run) => run.late))} ${mean((run) => run.widthSeconds)
        .toFixed(0)
        .padStart(6)} s, ` +
      `${percent(mean((run) => run.widthShare)).trim()} of the wait`,
  );
}
