import type { FairnessFigures } from "./fairness.ts";
import type { KendallDistance } from "../domain/fairness/kendall.ts";
import type { Spread } from "../domain/fairness/report.ts";
import type { SoldOutNews } from "./sold-out.ts";
import { renderTable, whole } from "./table.ts";

/** What the figures aim at; printed beside them, not asserted: a slow machine breaks no promise. */
export const TARGETS = {
  kendallDistance: 0.001,
  drainRatio: 1.1,
  drainRatioWithClosedTabs: 1.2,
  soldOutSeconds: 3,
} as const;

/** The figures as a table; `hasClosedTabs` picks the drain's target. */
export function renderFairness(figures: FairnessFigures, hasClosedTabs: boolean): string {
  const { drain, soldOut } = figures;
  const rows = [
    ["tau, gateway arrival", renderKendall(figures.byGateway)],
    ["tau, clients' clocks", renderKendall(figures.byClients)],
    ["displaced, places", renderSpread(figures.displacedPlaces, whole)],
    [
      "displaced, time",
      `${renderSpread(figures.displacedMs, ms)}; ${whole(figures.beyondWindow)} of ${whole(figures.placed)} beyond the window of ${ms(figures.reorderWindowMs)}`,
    ],
    ["certain inversions", `${whole(figures.certainInversions)} (must be 0)`],
    ["duplicate numbers", `${whole(figures.duplicateNumbers)} (must be 0)`],
    [
      "admission inversions",
      `${whole(figures.admissionInversions)} (must be 0) among ${whole(figures.granted)} passes, ${whole(figures.grantedLate)} of them after asking more than once`,
    ],
  ];
  if (drain !== null) {
    const target = hasClosedTabs ? TARGETS.drainRatioWithClosedTabs : TARGETS.drainRatio;
    rows.push([
      "drain",
      `${drain.ratio.toFixed(2)} of the ideal (target ${target.toFixed(2)}): ${whole(drain.present)} present in ${seconds(drain.tookMs)}, ideal ${seconds(drain.idealMs)}`,
    ]);
  }
  if (soldOut !== null) {
    rows.push(["sold out, by socket", renderNews(soldOut.bySocket)]);
    rows.push(["sold out, by poll", renderNews(soldOut.byPoll)]);
  }
  return renderTable(rows, [0, 1]).join("\n");
}

function renderKendall({ discordant, pairs, tau }: KendallDistance): string {
  const counted = `${whole(discordant)} of ${whole(pairs)} pairs out of order`;
  return `${tau.toFixed(6)} (target ${TARGETS.kendallDistance}; ${counted})`;
}

function renderNews({ afterMs, told, waiting }: SoldOutNews): string {
  if (waiting === 0) return "nobody waited this way";
  return `${renderSpread(afterMs, seconds)} (target ${TARGETS.soldOutSeconds} s); ${whole(told)} of ${whole(waiting)} waiting were told`;
}

function renderSpread({ p50, p99, max }: Spread, render: (value: number) => string): string {
  return `p50 ${render(p50)}, p99 ${render(p99)}, max ${render(max)}`;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function seconds(valueMs: number): string {
  return `${(valueMs / 1000).toFixed(1)} s`;
}
