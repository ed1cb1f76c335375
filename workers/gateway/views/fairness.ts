import type { z } from "@hono/zod-openapi";
import { unitFigures } from "../../../domain/fairness/units.ts";
import { formatTime } from "../../../domain/time.ts";
import type { FairnessFacts } from "../caches/fairness-cache.ts";
import type { AdminFairness, Fairness } from "../schemas/fairness.ts";

/** How fair a sale is, for everyone. */
export function fairnessView(
  saleId: string,
  { report, units }: FairnessFacts,
): z.input<typeof Fairness> {
  const { asOfMs, startedAtMs, endedAtMs, cohorts, outliers: _outliers, ...figures } = report;
  return {
    saleId,
    ...figures,
    asOf: timeOrNull(asOfMs),
    startedAt: timeOrNull(startedAtMs),
    endedAt: timeOrNull(endedAtMs),
    cohorts: cohorts.map(({ fromMs, throughMs, joined, wait }) => ({
      from: formatTime(fromMs),
      through: formatTime(throughMs),
      joined,
      wait,
    })),
    units: unitFigures(units ?? []),
  };
}

/** The same, and what only staff may know. */
export function adminFairnessView(
  saleId: string,
  facts: FairnessFacts,
): z.input<typeof AdminFairness> {
  const { outliers } = facts.report;
  return { ...fairnessView(saleId, facts), unitsHistogram: facts.units ?? [], outliers };
}

function timeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : formatTime(atMs);
}
