import { atOnce } from "./at-once.ts";
import type { Breach } from "./breach.ts";
import { ledgerHasNoGaps, stockBalances } from "./checks-ledger.ts";
import {
  holdsSurvive,
  type PlaceComparison,
  placesAreKept,
  placesToCompare,
  versionsSurvive,
} from "./checks-resume.ts";
import { machineClock } from "./clock.ts";
import type { LedgerRow, Order } from "./contract.ts";
import type { Crowd } from "./crowd.ts";
import type { Random } from "../domain/random.ts";
import type { Flooding } from "./run.ts";
import type { ServerProcess } from "./server-process.ts";
import type { ShopperRecord } from "./shopper-record.ts";

/** Places compared at the same time, beside the shoppers who go on. */
const COMPARED_AT_ONCE = 32;

/** What was acknowledged before a kill, and what was there right after it. */
export interface Kill {
  snapshot: readonly ShopperRecord[];
  ledgerAfter: readonly LedgerRow[];
  comparisons: readonly PlaceComparison[];
  secondsToReady: number;
}

/** How a kill is announced, and how many places are compared after it. */
export interface KillOptions {
  what?: string;
  /** All when left out; else those that `random` draws. */
  places?: { max: number; random: Random };
}

/**
 * Kills the server without a word, starts it again, and asks for what was acknowledged before. Prints one line.
 */
export async function killAndRestart(
  server: ServerProcess,
  { admin, crowd, sale }: Flooding,
  { what = "Killed", places }: KillOptions = {},
): Promise<Kill> {
  // Taken in the same turn as the kill: whatever is in it was acknowledged before.
  const snapshot = structuredClone(crowd.records);
  await server.kill();
  const killedAtMs = machineClock.nowMs();
  await server.start();
  const secondsToReady = (machineClock.nowMs() - killedAtMs) / 1000;
  const ledgerAfter = await admin.ledger(sale);
  const had = placesToCompare(snapshot);
  const comparisons = await comparePlaces(crowd, places ? drawn(had, places) : had);
  const told = acknowledged(snapshot);
  console.log(
    `${what}: ${had.length} places, ${told.holds} holds, ${told.bought} sold acknowledged until then; ready again after ${secondsToReady.toFixed(1)} s, ${comparisons.length} places compared`,
  );
  return { snapshot, ledgerAfter, comparisons, secondsToReady };
}

/** What the kill broke; `orders` is what D1 has in the end. */
export function checkKill(kill: Kill, stock: number, orders: readonly Order[]): Breach[] {
  return [...checkRestart(kill, stock), ...versionsSurvive(kill.snapshot, orders)];
}

/** What was not there right after the kill. */
export function checkRestart(
  { snapshot, ledgerAfter, comparisons }: Kill,
  stock: number,
): Breach[] {
  return [
    ...ledgerHasNoGaps(ledgerAfter),
    ...stockBalances(ledgerAfter, stock),
    ...holdsSurvive(snapshot, ledgerAfter),
    ...placesAreKept(comparisons),
  ];
}

function acknowledged(snapshot: readonly ShopperRecord[]): { holds: number; bought: number } {
  return {
    holds: snapshot.reduce((sum, record) => sum + record.holds.length, 0),
    bought: snapshot.filter((record) => record.end === "bought").length,
  };
}

function drawn<Place>(
  places: readonly Place[],
  { max, random }: NonNullable<KillOptions["places"]>,
): Place[] {
  const from = Math.floor(random() * places.length);
  return [...places.slice(from), ...places.slice(0, from)].slice(0, max);
}

/** Joins once more for these, as a reloaded page does. */
async function comparePlaces(
  crowd: Crowd,
  places: readonly { index: number; number: number }[],
): Promise<PlaceComparison[]> {
  const comparisons: PlaceComparison[] = [];
  await atOnce(COMPARED_AT_ONCE, places, async ({ index, number }) => {
    const view = await crowd.shoppers[index]?.joinAgain();
    if (view) comparisons.push({ index, before: number, after: view.number });
  });
  return comparisons;
}
