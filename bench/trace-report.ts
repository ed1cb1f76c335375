import { renderFairness } from "./fairness-report.ts";
import type { TraceFigures } from "./flood-trace.ts";
import { renderReport } from "./report.ts";
import { whole } from "./table.ts";
import { renderTold } from "./told-fairness.ts";

/** The report of a trace: how fair it was, then the tables and the verdict of every flood. */
export function renderTraceReport(figures: TraceFigures): string {
  const { callsDoubled, callsLost, fairness, skipped, told, trace } = figures;
  const { closeTabPercent } = trace.shoppers;
  const harmed =
    trace.calls === null
      ? []
      : [`calls harmed: ${whole(callsDoubled)} sent twice, ${whole(callsLost)} answers dropped`];
  return [
    "",
    `Trace ${trace.name}`,
    renderFairness(fairness, closeTabPercent > 0),
    ...(told === null ? [] : ["", "By the public log", renderTold(told)]),
    ...harmed,
    ...skipped.map((sentence) => `SKIPPED ${sentence}`),
    renderReport(figures),
  ].join("\n");
}
