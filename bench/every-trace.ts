import type { Breach } from "./breach.ts";
import type { TraceFigures } from "./flood-trace.ts";
import { renderVerdict } from "./report.ts";
import { renderTable, whole } from "./table.ts";
import { orderIsKept, renderBound, renderTau, renderTold } from "./told-fairness.ts";
import { traceNames } from "./trace.ts";

/** What `--trace` says for all of them. */
const EVERY_TRACE = "every";

/** The names of several traces that `--trace` says, or null where it says one. */
export async function severalTraces(text: string): Promise<string[] | null> {
  if (text === EVERY_TRACE) return traceNames();
  return text.includes(",") ? text.split(",") : null;
}

/** Traces that one server is flooded with, one after the other. */
export interface ServerRuns {
  timeScale: number;
  /** `scale`: of shoppers, stock, capacity and rate. */
  runs: { name: string; scale: number }[];
}

/** Scales at which two cores take a trace with the driver beside the server; what is not named runs whole. */
const SCALES: Readonly<Record<string, number>> = {
  bots: 0.1,
  burst: 0.25,
  "calls-lost": 0.2,
  "early-crowd": 0.02,
  "last-units": 0.5,
  "rate-change": 0.2,
  restart: 0.2,
  "sold-out-40": 0.2,
};
/** Traces that wait for deadlines of payments run them faster. */
const TIME_SCALES: Readonly<Record<string, number>> = { "bad-day": 60 };

/** Who runs where: those of one time scale together; `factor` multiplies their scales. */
export function serverRuns(names: readonly string[], factor: number): ServerRuns[] {
  const timeScaleOf = (name: string): number => TIME_SCALES[name] ?? 1;
  return [...new Set(names.map(timeScaleOf))]
    .toSorted((a, b) => a - b)
    .map((timeScale) => ({
      timeScale,
      runs: names
        .filter((name) => timeScaleOf(name) === timeScale)
        .map((name) => ({ name, scale: factor * (SCALES[name] ?? 1) })),
    }));
}

/** Everything that is wrong in a run of one of all: of the burst the order, too, not only what was promised. */
export function breachesOf({ breaches, told, trace }: TraceFigures): Breach[] {
  if (told === null) return [...breaches, NO_REPORT];
  return [...breaches, ...(trace.name === "burst" ? orderIsKept(told) : [])];
}

const NO_REPORT: Breach = {
  kind: "unfinished",
  promise: "the system reports how fair it was",
  count: 1,
  examples: ["GET /api/v1/sales/{id}/fairness answers 404"],
};

/** One of all: how fair it was, and what is wrong. */
export function renderTraceOfEvery({
  breaches,
  saleId,
  seconds,
  told,
  trace,
}: TraceFigures): string {
  const report = told === null ? "No report." : renderTold(told);
  const head = `Trace ${trace.name}: sale ${saleId}, ${whole(seconds)} s`;
  return ["", head, report, ...renderVerdict(breaches), ""].join("\n");
}

/** A line for each trace, judged by `breachesOf`. */
export function renderEvery(all: readonly TraceFigures[]): string {
  const header = [
    "trace",
    "joined",
    "let in",
    "tau",
    "displaced max",
    "overtaken",
    "doubled",
    "inside",
    "in 60 s",
    "no-shows",
    "by minute buckets",
    "kept",
  ];
  return renderTable([header, ...all.map(rowOf)], [0, 11]).join("\n");
}

function rowOf(figures: TraceFigures): string[] {
  const { told, trace } = figures;
  const verdict = figures.breaches.length === 0 ? "yes" : "NO";
  if (told === null) return [trace.name, ...Array.from({ length: 10 }, () => "-"), verdict];
  const { arrivalToNumber, duplicates, minuteBuckets, noShows, numberToAdmission } = told;
  const { max } = arrivalToNumber.displacedMs;
  return [
    trace.name,
    whole(told.joined),
    whole(told.admitted),
    renderTau(arrivalToNumber.tau),
    `${whole(arrivalToNumber.displacedPlaces.max)} (${whole(max)} ms)`,
    whole(numberToAdmission.overtaken),
    whole(duplicates.numbers + duplicates.grants + duplicates.places),
    renderBound(told.capacity),
    renderBound(told.rate),
    `${whole(noShows.lapsed)} of ${whole(noShows.decided)}`,
    minuteBuckets === null ? "-" : renderTau(minuteBuckets.arrivalToAdmission.tau),
    verdict,
  ];
}
