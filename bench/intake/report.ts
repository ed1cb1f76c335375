import type { Setting } from "../compare/report.ts";
import { estimate, median } from "../compare/statistics.ts";
import { PURCHASE_ROWS_LATER } from "../capacity/rows.ts";
import { renderTable, whole } from "../table.ts";
import type { IntakePlan, ItemFigures } from "./item.ts";
import type { HotRow } from "./peers.ts";

/** The best hot row that anybody has published, reservations a second. */
const TO_REACH = 31_000;

/** What was measured. */
export interface IntakeFigures {
  plan: IntakePlan;
  item: ItemFigures;
  peers: readonly HotRow[];
}

/** The figures in words. */
export function renderIntake({ item, peers, plan }: IntakeFigures, setting: Setting): string {
  const { calls, commits, perBatch, rowsPerReservation } = item;
  const { high, low, median: middle, samples } = estimate(item.perCpuSecond);
  const rates = [
    ["one hot item", "a CPU second of its own", "… with what follows", "by the clock", "durable"],
    [
      "Sku",
      `${whole(middle)} (${whole(low)} to ${whole(high)})`,
      whole(median(item.perCpuSecondInAll)),
      whole(median(item.perSecond)),
      "yes",
    ],
    ...peers.map(({ name, perCpuSecond, perSecond }) => [
      name,
      whole(perCpuSecond),
      "",
      whole(perSecond),
      "yes",
    ]),
  ];
  const rows = [
    ["to reach", `${whole(TO_REACH)} a CPU second: ${middle >= TO_REACH ? "reached" : "missed"}`],
    ["rounds", `${samples} of ${whole(plan.intakes * plan.shoppers)}, ${plan.intakes} intakes`],
    [
      "sold",
      `${whole(item.sold)} told and kept; ${whole(item.refused)} told "sold out" after that`,
    ],
    [
      "calls to each intake",
      `${whole(calls.perIntake)}, by which it called the item ${whole(calls.batchesPerIntake)} times`,
    ],
    ["calls to the item", kinds(calls.item)],
    ["purchases a call", perBatch.toFixed(1)],
    ["commits", whole(commits)],
    [
      "rows written",
      `${rowsPerReservation.toFixed(1)} a reservation, indexes included, and ${PURCHASE_ROWS_LATER} later`,
    ],
    ["wrong", item.breaches.length === 0 ? "nothing" : item.breaches.join("; ")],
    [
      "machine",
      `${setting.cores} cores, ${setting.cpu}, load ${setting.loadAverage.toFixed(1)} before`,
    ],
    [
      "of",
      `${setting.commit}, workerd ${setting.versions["workerd"]}, Node ${setting.versions["node"]}`,
    ],
  ];
  return [...renderTable(rates, [0, 4]), "", ...renderTable(rows, [0, 1])].join("\n");
}

function kinds(calls: Record<string, number>): string {
  return Object.entries(calls)
    .map(([kind, count]) => `${kind} ${whole(count)}`)
    .join(", ");
}
