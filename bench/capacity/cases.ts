import { type Scenario, USUAL } from "./model.ts";
import { intakesFor, lanesFor, type Load } from "./sizing.ts";

/** A sale that somebody asked for, and what comes at once in it. */
export interface Case {
  name: string;
  scenario: Scenario;
  load: Load;
}

/** Shoppers look at the line this often at the peak, where nothing else is said: those who poll, and pages that load. */
function readsOf({
  arriveSeconds,
  pageReads,
  pollSeconds,
  shoppers,
  socketPercent,
}: Scenario): number {
  return (
    (shoppers * (1 - socketPercent / 100)) / pollSeconds + (shoppers * pageReads) / arriveSeconds
  );
}

/** A case by what is known of it; the rest follows. */
export function caseOf(
  name: string,
  changes: Partial<Scenario>,
  peak: Partial<Pick<Load, "readsPerSecond" | "reservationsPerSecond" | "ordersPerSecond">> = {},
): Case {
  const wanted = { ...USUAL, ...changes };
  const seconds = wanted.minutes * 60;
  const joinsPerSecond = wanted.shoppers / wanted.arriveSeconds;
  const ordersPerSecond = peak.ordersPerSecond ?? wanted.units / seconds;
  const reservationsPerSecond =
    peak.reservationsPerSecond ?? (ordersPerSecond * wanted.entrantsPerUnit) / wanted.skus;
  const scenario = {
    ...wanted,
    lanes: changes.lanes ?? lanesFor(joinsPerSecond),
    intakes: changes.intakes ?? intakesFor(reservationsPerSecond),
  };
  const { intakes, lanes, regions, shoppers, skus, socketPercent, units } = scenario;
  const load = {
    sockets: (shoppers * socketPercent) / 100,
    regions,
    joinsPerSecond,
    readsPerSecond: peak.readsPerSecond ?? readsOf(scenario),
    reservationsPerSecond,
    ordersPerSecond,
    orders: units,
    skus,
    lanes,
    intakes,
  };
  return { name, scenario, load };
}

/** The numbers of the designs that a shop would build instead, and those that we set ourselves. */
export const REQUIRED: readonly Case[] = [
  caseOf("a drop: 100,000 people, 1,000 units, 5 minutes", { units: 1_000, minutes: 5 }),
  caseOf("100,000 people, 10,000 units, 15 minutes", {}),
  caseOf("250,000 people, 10,000 units, 15 minutes", { shoppers: 250_000, regions: 3 }),
  caseOf("1,000,000 people, 3 items, 30,000 units, 15 minutes", {
    shoppers: 1_000_000,
    skus: 3,
    units: 30_000,
    regions: 5,
  }),
  caseOf(
    "250,000 reads and 25,000 writes a second on one item, 10,000 units",
    { shoppers: 1_000_000, minutes: 5, regions: 5 },
    { readsPerSecond: 250_000, reservationsPerSecond: 25_000 },
  ),
  caseOf(
    "10,000 orders a second for 5 minutes, 3 items",
    { shoppers: 3_300_000, arriveSeconds: 300, minutes: 5, skus: 3, units: 3_000_000, regions: 9 },
    { ordersPerSecond: 10_000 },
  ),
];

/** What the designs say that they cost in a month, for peaks of these sizes. */
export const DESIGNS_DOLLARS_A_MONTH = { least: 9_500, most: 28_000 };
