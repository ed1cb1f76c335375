import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { Breach } from "./breach.ts";
import { checkAll } from "./checks.ts";
import { ledgerHasNoGaps, stockBalances } from "./checks-ledger.ts";
import {
  holdsSurvive,
  type PlaceComparison,
  placesAreKept,
  placesToCompare,
  versionsSurvive,
} from "./checks-resume.ts";
import { machineClock } from "./clock.ts";
import type { Crowd } from "./crowd.ts";
import { collectEvidence } from "./evidence.ts";
import { type Numbers, parseOptions, usage, UsageError } from "./options.ts";
import { showProgress } from "./progress.ts";
import { figuresOf, type FloodFigures, renderReport } from "./report.ts";
import { openHoldsMs, prepareRun, repeatPurchases, type Run } from "./run.ts";
import { ServerProcess } from "./server-process.ts";
import type { ShopperRecord } from "./shopper-record.ts";
import { freePort, temporaryState } from "./system.ts";

const FALLBACKS: Partial<Numbers> = {
  shoppers: 2000,
  stock: 300,
  capacity: 200,
  // Arrivals last longer than the first half of the sale, so that the kill hits joins as well.
  seconds: 12,
  // Nobody loses their turn while the server is away, so that every place can be compared.
  "claim-seconds": 1800,
  "session-seconds": 1800,
};
const TEXT_OPTIONS = { report: "file to write the figures to, as JSON" };
/** The server dies when this share of the stock is sold. */
const KILL_AT_SHARE = 0.4;
/** How often the driver looks whether it is time: a sale of 300 units lasts a few seconds. */
const KILL_LOOK_MS = 20;
/** Places compared at the same time, beside the shoppers who go on. */
const COMPARED_AT_ONCE = 32;

async function floodAcrossKill(
  server: ServerProcess,
  adminToken: string,
  numbers: Numbers,
): Promise<FloodFigures> {
  const run = await prepareRun(server.url, adminToken, numbers);
  try {
    return await killAndResume(server, run, openHoldsMs(numbers));
  } finally {
    await run.close();
  }
}

/** Floods a sale, kills the server in the middle, starts it again, and judges what came of it. */
async function killAndResume(
  server: ServerProcess,
  run: Run,
  holdsOpenMs: number,
): Promise<FloodFigures> {
  const { sale, admin, crowd, meter } = run;
  const startMs = machineClock.nowMs();
  const stopProgress = showProgress(crowd, sale.stock);
  const flooding = crowd.run();
  await untilSold(crowd, sale.stock * KILL_AT_SHARE);
  // Taken in the same turn as the kill: whatever is in it was acknowledged before.
  const snapshot = structuredClone(crowd.records);
  await server.kill();
  printSnapshot(snapshot);
  const killedAtMs = machineClock.nowMs();
  await server.start();
  console.log(`Ready again after ${secondsSince(killedAtMs)} s; comparing what was acknowledged`);
  const ledgerAfterKill = await admin.ledger(sale);
  const comparisons = await comparePlaces(crowd, snapshot);
  await flooding;
  stopProgress();
  const seconds = (machineClock.nowMs() - startMs) / 1000;
  await repeatPurchases(crowd, snapshot);
  const evidence = await collectEvidence(admin, sale, crowd.records, machineClock, holdsOpenMs);
  const breaches: Breach[] = [
    ...ledgerHasNoGaps(ledgerAfterKill),
    ...stockBalances(ledgerAfterKill, sale.stock),
    ...holdsSurvive(snapshot, ledgerAfterKill),
    ...placesAreKept(comparisons),
    ...versionsSurvive(snapshot, evidence.orders),
    ...checkAll(evidence),
  ];
  console.log(`${comparisons.length} places compared across the kill`);
  return figuresOf(evidence, breaches, meter, seconds);
}

async function untilSold(crowd: Crowd, units: number): Promise<void> {
  while (crowd.counts().bought < units) {
    if (crowd.counts().ended === crowd.shoppers.length) {
      throw new Error("the flood was over before the kill; give it more --shoppers or --stock");
    }
    await machineClock.sleep(KILL_LOOK_MS);
  }
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
  const next = places.values();
  const compare = async (): Promise<void> => {
    for (const { index, number } of next) {
      const view = await crowd.shoppers[index]?.joinAgain();
      if (view) comparisons.push({ index, before: number, after: view.number });
    }
  };
  await Promise.all(Array.from({ length: COMPARED_AT_ONCE }, compare));
  return comparisons;
}

function secondsSince(ms: number): string {
  return ((machineClock.nowMs() - ms) / 1000).toFixed(1);
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, FALLBACKS, TEXT_OPTIONS);
  if (options === null) {
    console.log(usage("node bench/kill-resume.ts", FALLBACKS, TEXT_OPTIONS));
    return 0;
  }
  const state = await temporaryState();
  const adminToken = randomUUID();
  const server = new ServerProcess({
    port: await freePort(),
    stateFolder: state.folder,
    adminToken,
  });
  try {
    console.log("Starting a server of its own");
    await server.start();
    const figures = await floodAcrossKill(server, adminToken, options.numbers);
    console.log(renderReport(figures));
    if (options.texts.report !== undefined) {
      await writeFile(options.texts.report, `${JSON.stringify(figures, null, 2)}\n`);
    }
    return figures.breaches.length === 0 ? 0 : 1;
  } finally {
    await server.stop();
    await state.remove();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${error.message}; --help lists the options` : error);
  process.exitCode = isUsage ? 2 : 1;
}
