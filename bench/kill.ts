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
}

/** Kills the server without a word, starts it again, and asks for what was acknowledged before. */
export async function killAndRestart(server: ServerProcess, run: Flooding): Promise<Kill> {
  const { admin, crowd, sale } = run;
  // Taken in the same turn as the kill: whatever is in it was acknowledged before.
  const snapshot = structuredClone(crowd.records);
  await server.kill();
  printSnapshot(snapshot);
  const killedAtMs = machineClock.nowMs();
  await server.start();
  const seconds = ((machineClock.nowMs() - killedAtMs) / 1000).toFixed(1);
  console.log(`Ready again after ${seconds} s; comparing what was acknowledged`);
  const ledgerAfter = await admin.ledger(sale);
  const comparisons = await comparePlaces(crowd, snapshot);
  console.log(`${comparisons.length} places compared across the kill`);
  return { snapshot, ledgerAfter, comparisons };
}

/** What the kill broke; `orders` is what D1 has in the end. */
export function checkKill(kill: Kill, stock: number, orders: readonly Order[]): Breach[] {
  const { snapshot, ledgerAfter, comparisons } = kill;
  return [
    ...ledgerHasNoGaps(ledgerAfter),
    ...stockBalances(ledgerAfter, stock),
    ...holdsSurvive(snapshot, ledgerAfter),
    ...placesAreKept(comparisons),
    ...versionsSurvive(snapshot, orders),
  ];
}

function printSnapshot(snapshot: readonly ShopperRecord[]): void {
  const holds = snapshot.reduce((sum, record) => sum + record.holds.length, 0);
  const bought = snapshot.filter((record) => record.end === "bought").length;
  const places = placesToCompare(snapshot).length;
  console.log(`Killed. Acknowledged until then: ${places} places, ${holds} holds, ${bought} sold`);
}

/** Joins once more for everyone who had a place, as a reloaded page does. */
async function comparePlaces(
  crowd: Crowd,
  snapshot: readonly ShopperRecord[],
): Promise<PlaceComparison[]> {
  const places = placesToCompare(snapshot);
  const comparisons: PlaceComparison[] = [];
  await atOnce(COMPARED_AT_ONCE, places, async ({ index, number }) => {
    const view = await crowd.shoppers[index]?.joinAgain();
    if (view) comparisons.push({ index, before: number, after: view.number });
  });
  return comparisons;
}
