import { type Breach, breachOf } from "../breach.ts";
import { whole } from "../table.ts";
import {
  countClass,
  type FaultFigures,
  type FaultPlan,
  noFigures,
  OBJECT_CLASSES,
} from "./plan.ts";

/** Every fault of the plan came about: one that did not proves nothing. */
export function faultsHappened(plan: FaultPlan, figures: FaultFigures | null): Breach[] {
  const { databaseBusyPercent, databaseDownSeconds, doubled, livesSeconds } = plan;
  const failures: string[] = [];
  if (databaseDownSeconds > 0 && !figures?.callsDown) failures.push("the database never went away");
  if (databaseBusyPercent > 0 && !figures?.callsBusy) failures.push("the database was never busy");
  if (doubled > 1 && !figures?.copies) failures.push("no message was doubled");
  for (const name of Object.values(OBJECT_CLASSES).flat()) {
    if (livesSeconds > 0 && !figures?.aborted[name]) failures.push(`no ${name} was aborted`);
  }
  if (livesSeconds > 0 && Object.keys(figures?.evicted ?? {}).length === 0)
    failures.push("no object was evicted");
  return breachOf("unfinished", "the faults that were asked for happened", failures);
}

/** The row of the report; none where nothing was wrong. */
export function renderFaults(figures: FaultFigures | null): [string, string][] {
  if (figures === null) return [];
  const { aborted, callsBusy, callsDown, copies, evicted } = figures;
  const parts = [
    ...(callsDown > 0 ? [`${whole(callsDown)} calls to the database while it was away`] : []),
    ...(callsBusy > 0 ? [`${whole(callsBusy)} while it was busy`] : []),
    ...(copies > 0 ? [`${whole(copies)} copies of messages delivered beside the first`] : []),
  ];
  return [
    ...(parts.length === 0 ? [] : ([["faults", parts.join(", ")]] satisfies [string, string][])),
    ...renderClasses("objects aborted", aborted),
    ...renderClasses("objects evicted", evicted),
  ];
}

/** What all who told have told. */
export function sumOfFigures(told: readonly FaultFigures[]): FaultFigures {
  const sum = noFigures();
  for (const { aborted, callsBusy, callsDown, copies, downAtMs, evicted } of told) {
    sum.callsBusy += callsBusy;
    sum.callsDown += callsDown;
    sum.copies += copies;
    sum.downAtMs ??= downAtMs;
    for (const [name, count] of Object.entries(aborted)) countClass(sum.aborted, name, count);
    for (const [name, count] of Object.entries(evicted)) countClass(sum.evicted, name, count);
  }
  return sum;
}

function renderClasses(title: string, counts: Record<string, number>): [string, string][] {
  const parts = Object.entries(counts)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => `${whole(count)} ${name}`);
  return parts.length === 0 ? [] : [[title, parts.join(", ")]];
}
