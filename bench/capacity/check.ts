import type { FloodFigures } from "../report.ts";
import { derive, itemsOf, OPERATIONS_PER_CHUNK, USUAL, type Item, type Scenario } from "./model.ts";

/** What a flood was, as far as the model has to be told: how people behaved. */
export interface FloodRun {
  shoppers: number;
  arriveSeconds: number;
  /** From the first join until everything was sold. */
  seconds: number;
  sold: number;
  /** Claims, and purchases, repeated ones included. */
  claims: number;
  purchases: number;
  lanes: number;
}

/** One thing that was counted, and how far the model may be from it. */
export interface Compared {
  what: string;
  counted: number;
  /** The model may say so many times less, and so many times more. */
  less: number;
  more: number;
}

/** What goes by the people alone. */
const BY_PEOPLE = { less: 1.1, more: 1.1 };
/** What goes by what came together with what: on a busy machine that varies. */
const BY_BATCHES = { less: 2, more: 2 };
/**
 * What is done at a steady pace while anything changes. The model has units sold from the first minute to the last:
 * of a flood's ten seconds they are sold in the last three, so it may say more, but hardly less.
 */
const BY_TIME = { less: 1.5, more: 6 };

/** The run and what was counted in it. Only of a flood of whose objects none was lost: they count since they woke. */
export function countsOf(
  figures: Pick<
    FloodFigures,
    "shoppers" | "sold" | "seconds" | "secondsToSellOut" | "objects" | "books"
  >,
  setting: Pick<FloodRun, "arriveSeconds" | "lanes">,
): { run: FloodRun; compared: Compared[] } {
  const { books, objects, shoppers, sold } = figures;
  const seconds = figures.secondsToSellOut ?? figures.seconds;
  const lanes = callsOf(objects?.lanes);
  const sequencer = callsOf(objects?.sequencer);
  const skus = (objects?.skus ?? []).map(callsOf);
  const ofSkus = (kind: string): number => skus.reduce((sum, sku) => sum + (sku[kind] ?? 0), 0);
  const claims = lanes["shopper.claim"] ?? 0;
  const run = { shoppers, seconds, sold, claims, purchases: ofSkus("shopper.reserve"), ...setting };
  const compared: Compared[] = [
    { what: "joins at the lanes", counted: lanes["shopper.join"] ?? 0, ...BY_PEOPLE },
    { what: "batches at the sequencer", counted: sequencer["lane.submit"] ?? 0, ...BY_BATCHES },
    { what: "reports of the item", counted: sequencer["sku.report"] ?? 0, ...BY_TIME },
    { what: "parked calls of roots", counted: sequencer["live.next"] ?? 0, ...BY_TIME },
    { what: "checkouts", counted: ofSkus("shopper.checkout"), ...BY_PEOPLE },
    { what: "outcomes of payments", counted: ofSkus("system.payment"), ...BY_PEOPLE },
    { what: "ledger pages", counted: ofSkus("system.acked"), ...BY_TIME },
    { what: "events in the tables", counted: books?.events ?? 0, ...BY_PEOPLE },
    { what: "messages to shoppers", counted: books?.messages ?? 0, ...BY_PEOPLE },
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
  const { joinBatches, claimBatches, events, pages } = derive(scenario);
  return new Map([
    ["joins at the lanes", requests(items, "QueueLane", "join")],
    ["batches at the sequencer", joinBatches + claimBatches],
    ["reports of the item", requests(items, "QueueSequencer", "reports of items")],
    ["parked calls of roots", requests(items, "QueueSequencer", "parked calls of roots")],
    ["checkouts", requests(items, "Sku", "checkout")],
    ["outcomes of payments", requests(items, "Sku", "outcomes of payments")],
    ["ledger pages", pages],
    ["events in the tables", events],
    ["messages to shoppers", operations(items, "messages") / OPERATIONS_PER_CHUNK],
  ]);
}

/** Whether the model's figure is near enough to what was counted. */
export function isClose(predicted: number, { counted, less, more }: Compared): boolean {
  return predicted <= counted * more && predicted >= counted / less;
}

function requests(items: readonly Item[], who: string, what: string): number {
  const found = items.find(
    (item) => item.meter === "objectRequests" && item.who === who && item.what === what,
  );
  return found?.count ?? 0;
}

function operations(items: readonly Item[], what: string): number {
  return items.find((item) => item.who === "queues" && item.what === what)?.count ?? 0;
}

function callsOf(object: object | undefined): Record<string, number> {
  const calls = object && "calls" in object ? object.calls : null;
  return typeof calls === "object" && calls !== null ? (calls as Record<string, number>) : {};
}

/** What was compared in one run, as it is saved. */
export interface CapacityCheck {
  run: FloodRun;
  compared: (Compared & { predicted: number })[];
}

/** Compares a flood with what the model says of it. */
export function checkFlood(counts: ReturnType<typeof countsOf>): CapacityCheck {
  const predicted = predictedOf(counts.run);
  const compared = counts.compared.map((one) =>
    Object.assign({ predicted: predicted.get(one.what) ?? Number.NaN }, one),
  );
  return { run: counts.run, compared };
}
