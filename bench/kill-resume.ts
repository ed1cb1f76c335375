import { writeFile } from "node:fs/promises";
import { checkAll } from "./checks.ts";
import { machineClock } from "./clock.ts";
import type { Crowd } from "./crowd.ts";
import { checkKill, killAndRestart } from "./kill.ts";
import { type Numbers, parseOptions, runMain, usage } from "./options.ts";
import { type KillableSystem, startOwnServer } from "./own-server.ts";
import { parsePaymentMix } from "./payments.ts";
import { showProgress } from "./progress.ts";
import { figuresOf, type FloodFigures, renderReport } from "./report.ts";
import {
  evidenceOf,
  openLongestMs,
  planOf,
  prepareRun,
  repeatPurchases,
  type Run,
  type RunPlan,
} from "./run.ts";
import type { ServerProcess } from "./server-process.ts";

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
const TEXT_OPTIONS = {
  payments: "ways to pay that fail, in percent: decline=10,timeout=10",
  report: "file to write the figures to, as JSON",
};
/** The server dies when this share of the stock is sold. */
const KILL_AT_SHARE = 0.4;
/** How often the driver looks whether it is time: a sale of 300 units lasts a few seconds. */
const KILL_LOOK_MS = 20;

async function floodAcrossKill(
  { adminToken, server }: KillableSystem,
  plan: RunPlan,
  numbers: Numbers,
): Promise<FloodFigures> {
  const run = await prepareRun(server.url, adminToken, plan, numbers);
  try {
    return await killAndResume(server, run, openLongestMs(plan));
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
  const { sale, crowd, meter } = run;
  const startMs = machineClock.nowMs();
  const stopProgress = showProgress(crowd, sale.stock);
  const flooding = crowd.run();
  await untilSold(crowd, sale.stock * KILL_AT_SHARE);
  const kill = await killAndRestart(server, run);
  await flooding;
  stopProgress();
  const seconds = (machineClock.nowMs() - startMs) / 1000;
  await repeatPurchases(crowd, kill.snapshot);
  const evidence = await evidenceOf(run, sale, holdsOpenMs);
  const breaches = [...checkKill(kill, sale.stock, evidence.orders), ...checkAll(evidence)];
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

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, FALLBACKS, TEXT_OPTIONS);
  if (options === null) {
    console.log(usage("node bench/kill-resume.ts", FALLBACKS, TEXT_OPTIONS));
    return 0;
  }
  const plan = planOf(options.numbers, parsePaymentMix(options.texts.payments ?? ""));
  const system = await startOwnServer();
  try {
    const figures = await floodAcrossKill(system, plan, options.numbers);
    console.log(renderReport(figures));
    if (options.texts.report !== undefined) {
      await writeFile(options.texts.report, `${JSON.stringify(figures, null, 2)}\n`);
    }
    return figures.breaches.length === 0 ? 0 : 1;
  } finally {
    await system.stop();
  }
}

await runMain(main);
