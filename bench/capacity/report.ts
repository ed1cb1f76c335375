import { renderTable, whole } from "../table.ts";
import { DESIGNS_DOLLARS_A_MONTH, type Case } from "./cases.ts";
import { dollarsOf, itemsOf, totalOf, type Item } from "./model.ts";
import { PRICES, type Meter } from "./prices.ts";
import { needsOf, type Need } from "./sizing.ts";

/** Lines that are shown of the bill: the others come to a few cents. */
const LINES_MAX = 15;

/** What `--report` writes. */
export interface CapacityReport {
  cases: (Case & {
    dollars: number;
    byMeter: Partial<Record<Meter, number>>;
    items: Item[];
    needs: Need[];
  })[];
}

export function reportOf(cases: readonly Case[]): CapacityReport {
  return {
    cases: cases.map((one) => {
      const items = itemsOf(one.scenario);
      const needs = needsOf(one.load);
      return Object.assign(
        { ...one },
        { dollars: totalOf(items), byMeter: byMeter(items), items, needs },
      );
    }),
  };
}

/** The whole of one case: the bill, its largest lines, and the limits. */
export function renderCase({ name, scenario, load }: Case): string {
  const items = itemsOf(scenario);
  const { lanes, intakes } = scenario;
  const setting = `lanes ${lanes}, intakes ${intakes}`;
  return [
    `${name} (${setting}): ${money(totalOf(items))}`,
    "",
    ...renderMeters(items),
    "",
    ...renderLines(items),
    "",
    ...renderNeeds(needsOf(load)),
  ].join("\n");
}

/** One line a case. */
export function renderCases(cases: readonly Case[]): string {
  const head = [
    "sale",
    "lanes",
    "intakes",
    "dollars",
    "of it logs",
    "for the price of a month of theirs",
    "limits",
  ];
  const rows = cases.map(({ name, scenario, load }) => {
    const items = itemsOf(scenario);
    const total = totalOf(items);
    const { least, most } = DESIGNS_DOLLARS_A_MONTH;
    const missed = needsOf(load).filter(({ isMet }) => !isMet);
    return [
      name,
      String(scenario.lanes),
      String(scenario.intakes),
      money(total),
      money(byMeter(items).logEvents ?? 0),
      `${whole(least / total)} to ${whole(most / total)} sales`,
      missed.length === 0 ? "met" : missed.map(({ what }) => what).join("; "),
    ];
  });
  return renderTable([head, ...rows], [0, 6]).join("\n");
}

function renderMeters(items: readonly Item[]): string[] {
  const rows = Object.entries(PRICES).flatMap(([meter, { name, dollars }]) => {
    const count = items
      .filter((item) => item.meter === meter)
      .reduce((sum, item) => sum + item.count, 0);
    return count === 0
      ? []
      : [[name, count < 10 ? count.toFixed(2) : whole(count), money(count * dollars)]];
  });
  return renderTable([["meter", "count", "dollars"], ...rows], [0]);
}

function renderLines(items: readonly Item[]): string[] {
  const dearest = items.toSorted((a, b) => dollarsOf(b) - dollarsOf(a)).slice(0, LINES_MAX);
  const rows = dearest.map((item) => {
    const { who, what, meter, count } = item;
    return [`${who}: ${what}`, PRICES[meter].name, whole(count), money(dollarsOf(item))];
  });
  return renderTable([["dearest", "meter", "count", "dollars"], ...rows], [0, 1]);
}

function renderNeeds(needs: readonly Need[]): string[] {
  const rows = needs.map(({ what, value, limit, isMet, advice }) => [
    what,
    value < 10 ? value.toFixed(2) : whole(value),
    whole(limit.max),
    isMet ? "yes" : "NO",
    advice,
  ]);
  return renderTable([["at the peak", "value", "limit", "met", "how"], ...rows], [0, 4]);
}

function byMeter(items: readonly Item[]): Partial<Record<Meter, number>> {
  const sums: Partial<Record<Meter, number>> = {};
  for (const item of items) sums[item.meter] = (sums[item.meter] ?? 0) + dollarsOf(item);
  return sums;
}

function money(dollars: number): string {
  return `$${dollars.toFixed(2)}`;
}
