import type { FloodFigures } from "../report.ts";
import { derive, itemsOf, USUAL, type Item, type Scenario } from "./model.ts";

/** What a flood was, as far as the model has to be told: how people behaved. */
export interface FloodRun {
  shoppers: number;
  arriveSeconds: number;
  /** From the first join until everyone had gone. */
  seconds: number;
  sold: number;
  /** Claims, and purchases, repeated ones included. */
  claims: number;
  purchases: number;
  lanes: number;
}

/** One thing that the objects counted. */
export interface Compared {
  what: string;
  counted: number;
  /** May be so many times more or less. */
  factor: number;
}

/** Goes by the people alone. */
const EXACT = 1.1;
/** Goes by what came together with what, and by how long things took on a busy machine. */
const TIMED = 2;

/** The run and what was counted in it. Only of a flood of whose objects none was lost: they count since they woke. */
export function countsOf(
  figures: Pick<FloodFigures, "shoppers" | "sold" | "seconds" | "objects">,
  setting: Pick<FloodRun, "arriveSeconds" | "lanes">,
): { run: FloodRun; compared: Compared[] } {
  const { objects, seconds, shoppers, sold } = figures;
  const lanes = callsOf(objects?.lanes);
  const sequencer = callsOf(objects?.sequencer);
  const skus = (objects?.skus ?? []).map(callsOf);
  const ofSkus = (kind: string): number => skus.reduce((sum, sku) => sum + (sku[kind] ?? 0), 0);
  const claims = lanes["shopper.claim"] ?? 0;
  const run = { shoppers, seconds, sold, claims, purchases: ofSkus("shopper.reserve"), ...setting };
  const compared = [
    { what: "joins at the lanes", counted: lanes["shopper.join"] ?? 0, factor: EXACT },
    { what: "batches at the sequencer", counted: sequencer["lane.submit"] ?? 0, factor: TIMED },
    { what: "reports of the item", counted: sequencer["sku.report"] ?? 0, factor: TIMED },
    { what: "parked calls of roots", counted: sequencer["live.next"] ?? 0, factor: TIMED },
    { what: "checkouts", counted: ofSkus("shopper.checkout"), factor: EXACT },
    { what: "outcomes of payments", counted: ofSkus("system.payment"), factor: EXACT },
    { what: "ledger pages", counted: ofSkus("system.acked"), factor: TIMED },
  ];
  return { run, compared };
}

/** What the model says of such a run, by the names of `countsOf`. */
export function predictedOf({
  shoppers,
  arriveSeconds,
  seconds,
  sold,
  claims,
  lanes,
}: FloodRun): Map<string, number> {
  const scenario: Scenario = {
    ...USUAL,
    shoppers,
    arriveSeconds,
    minutes: seconds / 60,
    units: sold,
    entrantsPerUnit: claims / sold,
    lanes,
    // The local runtime is one region.
    regions: 1,
  };
  const items = itemsOf(scenario);
  const { joinBatches, claimBatches, pages } = derive(scenario);
  return new Map([
    ["joins at the lanes", requests(items, "QueueLane", "join")],
    ["batches at the sequencer", joinBatches + claimBatches],
    ["reports of the item", requests(items, "QueueSequencer", "reports of items")],
    ["parked calls of roots", requests(items, "QueueSequencer", "parked calls of roots")],
    ["checkouts", requests(items, "Sku", "checkout")],
    ["outcomes of payments", requests(items, "Sku", "outcomes of payments")],
    ["ledger pages", pages],
  ]);
}

/** Whether the model's figure is within the factor of what was counted. */
export function isClose(predicted: number, { counted, factor }: Compared): boolean {
  return predicted <= counted * factor && predicted >= counted / factor;
}

function requests(items: readonly Item[], who: string, what: string): number {
  const found = items.find(
    (item) => item.meter === "objectRequests" && item.who === who && item.what === what,
  );
  return found?.count ?? 0;
}

function callsOf(object: object | undefined): Record<string, number> {
  const calls = object && "calls" in object ? object.calls : null;
  return typeof calls === "object" && calls !== null ? (calls as Record<string, number>) : {};
}
