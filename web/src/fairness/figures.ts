/** The figures of the report in words and as tables: what the plots show, for who cannot or would not look at them. */
import { formatClock, formatNumber, formatShare, formatStamp } from "../format.ts";
import type { Fairness, Order, RankPair } from "./contract.ts";
import { counted, formatTau } from "./verdicts.ts";

/** What is plotted. */
export const FIGURES = ["order", "first", "waits", "bounds", "estimates"] as const;
export type FigureId = (typeof FIGURES)[number];

/** A figure: its title, what it says, and the table behind it. */
export interface Figure {
  readonly title: string;
  readonly said: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What this line and the simulated one are called. */
export const HERE = "This line";
export const BUCKETS = "Minute buckets";

/** Rows of a table of points: enough to see the shape of a curve. */
const POINT_ROWS_MAX = 8;

/** The figure of this name; null where the report has nothing for it. */
export function figureOf(id: FigureId, report: Fairness): Figure | null {
  switch (id) {
    case "order":
      return report.arrivalToAdmission && orderFigure(report.arrivalToAdmission, report);
    case "first":
      return report.arrivalToAdmission && firstFigure(report.arrivalToAdmission, report);
    case "waits":
      return report.wait && waitsFigure(report, report.wait);
    case "bounds":
      return boundsFigure(report);
    case "estimates":
      return report.estimates && estimatesFigure(report.estimates);
  }
}

function orderFigure(order: Order, { minuteBuckets }: Fairness): Figure | null {
  if (order.points.length === 0) {
    return null;
  }
  const here = `Of two shoppers the one who came first was let in first in ${formatShare(1 - order.tau)} of pairs (tau ${formatTau(order.tau)}).`;
  const buckets =
    minuteBuckets === null
      ? ""
      : ` Had all who come within a minute been let in as their pages refresh, every ${minuteBuckets.refreshSeconds} s, as other waiting rooms do it, it would have been ${formatShare(1 - minuteBuckets.arrivalToAdmission.tau)} (tau ${formatTau(minuteBuckets.arrivalToAdmission.tau)}): simulated with the same arrivals at the same pace.`;
  return {
    title: "Who came first, and who was let in first",
    said: here + buckets,
    columns: ["Line", "Came as", "Let in as"],
    rows: [...pointRows(HERE, order.points), ...pointRows(BUCKETS, minuteBuckets?.points ?? [])],
  };
}

function pointRows(line: string, points: readonly RankPair[]): string[][] {
  const every = Math.ceil(points.length / POINT_ROWS_MAX);
  return points
    .filter((_, index) => index % every === 0)
    .map(({ arrived, admitted }) => [line, formatNumber(arrived), formatNumber(admitted)]);
}

function firstFigure({ first }: Order, { minuteBuckets }: Fairness): Figure | null {
  const bucketsText = (k: number): string => {
    const share = minuteBuckets?.first.find((entry) => entry.k === k)?.share;
    return share === undefined ? "–" : formatShare(share);
  };
  const middle = first[first.length >> 1];
  if (middle === undefined) {
    return null;
  }
  const { k, share } = middle;
  const buckets = minuteBuckets === null ? "" : ` By minute buckets it would be ${bucketsText(k)}.`;
  return {
    title: "The first who came among the first let in",
    said: `Of the first ${formatNumber(k)} who came, ${formatShare(share)} were among the first ${formatNumber(k)} let in. Whoever is missing had left, or let the turn go by.${buckets}`,
    columns: ["The first", HERE, BUCKETS],
    rows: first.map(({ k, share }) => [formatNumber(k), formatShare(share), bucketsText(k)]),
  };
}

function waitsFigure({ cohorts }: Fairness, wait: NonNullable<Fairness["wait"]>): Figure {
  return {
    title: "How long they waited, by when they came",
    said: `Of ${counted(wait.admitted, "shopper")} let in half waited at most ${formatClock(wait.p50Ms)}, 99 of 100 at most ${formatClock(wait.p99Ms)} minutes. The dot is the half, the ring the 99 of 100 of those who came together.`,
    columns: ["Came from", "Joined", "Let in", "Half waited", "9 of 10", "99 of 100"],
    rows: cohorts.map(({ from, joined, wait }) => [
      formatStamp(Date.parse(from)),
      formatNumber(joined),
      formatNumber(wait?.admitted ?? 0),
      ...[wait?.p50Ms, wait?.p90Ms, wait?.p99Ms].map((ms) =>
        ms === undefined ? "–" : formatClock(ms),
      ),
    ]),
  };
}

function boundsFigure({ capacity, rate }: Fairness): Figure | null {
  const rows = [
    ["Inside at once", capacity],
    ["Let in within 60 s", rate],
  ] as const;
  return capacity.peak === 0
    ? null
    : {
        title: "How full, and how fast, at the most",
        said: "The bar is the most that there was, the line what was allowed at that moment.",
        columns: ["", "At most", "Allowed", "Beyond"],
        rows: rows.map(([name, { peak, setting, overshoot }]) => [
          name,
          formatNumber(peak),
          setting === null ? "any" : formatNumber(setting),
          formatNumber(overshoot),
        ]),
      };
}

function estimatesFigure(estimates: NonNullable<Fairness["estimates"]>): Figure | null {
  const { judged, held, early, late, widthSeconds } = estimates;
  return judged === 0
    ? null
    : {
        title: "Whether the waits that were shown held",
        said: `Of ${counted(judged, "estimate")} that can be judged by now, ${formatShare(held / judged)} held what came. Half were at most ${formatClock(widthSeconds * 1_000)} minutes wide.`,
        columns: ["It came", "Estimates", "Share"],
        rows: (
          [
            ["sooner", early],
            ["as was said", held],
            ["later", late],
          ] as const
        ).map(([name, count]) => [name, formatNumber(count), formatShare(count / judged)]),
      };
}
