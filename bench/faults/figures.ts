import { type Breach, breachOf } from "../breach.ts";
import { whole } from "../table.ts";
import type { FaultFigures, FaultPlan } from "./plan.ts";

/** Every fault of the plan came about: one that did not proves nothing. */
export function faultsHappened(plan: FaultPlan, figures: FaultFigures | null): Breach[] {
  const { databaseBusyPercent, databaseDownSeconds, doubled } = plan;
  const failures: string[] = [];
  if (databaseDownSeconds > 0 && !figures?.callsDown) failures.push("the database never went away");
  if (databaseBusyPercent > 0 && !figures?.callsBusy) failures.push("the database was never busy");
  if (doubled > 1 && !figures?.copies) failures.push("no message was doubled");
  return breachOf("unfinished", "the faults that were asked for happened", failures);
}

/** The row of the report; none where nothing was wrong. */
export function renderFaults(figures: FaultFigures | null): [string, string][] {
  if (figures === null) return [];
  const { callsBusy, callsDown, copies } = figures;
  const parts = [
    ...(callsDown > 0 ? [`${whole(callsDown)} calls to the database while it was away`] : []),
    ...(callsBusy > 0 ? [`${whole(callsBusy)} while it was busy`] : []),
    ...(copies > 0 ? [`${whole(copies)} copies of messages delivered beside the first`] : []),
  ];
  return parts.length === 0 ? [] : [["faults", parts.join(", ")]];
}
