import type { Arrivals } from "./arrivals.ts";
import type { Lot } from "./lot.ts";
import { Numbers } from "./numbers.ts";
import type { WaitCohort, WaitFigures } from "./report.ts";
import { waitFigures } from "./spread.ts";
import type { Turns } from "./turns.ts";

/** Parts that those who joined are cut into, for a plot. */
const COHORTS_MAX = 24;
/** Below this a part says nothing of many. */
const COHORT_MIN_SHOPPERS = 10;

/**
 * How long those waited who were let in, all of them and one part after the other: from the arrival, or the
 * start for who came before it.
 */
export function waitsOf(
  arrivals: Arrivals,
  turns: Turns,
  lot: Lot,
  startedAtMs: number,
): { wait: WaitFigures | null; cohorts: WaitCohort[] } {
  const { joined } = arrivals;
  const count = Math.min(COHORTS_MAX, Math.ceil(joined / COHORT_MIN_SHOPPERS));
  const waits = Array.from({ length: count }, () => new Numbers());
  const all = new Numbers();
  for (const number of turns.admitted) {
    const index = lot.indexOf(number);
    if (index === null) continue;
    const fromMs = Math.max(arrivals.arrivedAtMs(index), startedAtMs);
    const waitMs = Math.max(0, (turns.admittedAtMs(number) ?? 0) - fromMs);
    all.push(waitMs);
    waits[Math.floor(((index - 1) * count) / joined)]?.push(waitMs);
  }
  const cohorts = waits.map((waitsMs, cohort): WaitCohort => {
    const arrivedAtMs = arrivals.atMs.subarray(
      Math.ceil((cohort * joined) / count),
      Math.ceil(((cohort + 1) * joined) / count),
    );
    return {
      fromMs: arrivedAtMs.reduce((a, b) => Math.min(a, b), Infinity),
      throughMs: arrivedAtMs.reduce((a, b) => Math.max(a, b), 0),
      joined: arrivedAtMs.length,
      wait: waitFigures(waitsMs.view()),
    };
  });
  return { wait: waitFigures(all.view()), cohorts };
}
