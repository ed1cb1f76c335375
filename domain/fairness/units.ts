import type { UnitFigures } from "./report.ts";

/** So many shoppers bought so many units each. */
export interface UnitCount {
  units: number;
  shoppers: number;
}

/** How those who bought share out what was bought; `null` of nobody. */
export function unitFigures(histogram: readonly UnitCount[]): UnitFigures | null {
  let [shoppers, units, squares] = [0, 0, 0];
  for (const row of histogram) {
    shoppers += row.shoppers;
    units += row.shoppers * row.units;
    squares += row.shoppers * row.units ** 2;
  }
  if (shoppers === 0) return null;
  const mean = units / shoppers;
  return {
    shoppers,
    units,
    mean,
    deviation: Math.sqrt(Math.max(0, squares / shoppers - mean ** 2)),
  };
}
