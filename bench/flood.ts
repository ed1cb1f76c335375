import { writeFile } from "node:fs/promises";
import { checkAll } from "./checks.ts";
import { machineClock } from "./clock.ts";
import { collectEvidence } from "./evidence.ts";
import { type Numbers, parseOptions, usage, UsageError } from "./options.ts";
import { showProgress } from "./progress.ts";
import { figuresOf, type FloodFigures, renderReport } from "./report.ts";
import { openHoldsMs, prepareRun, repeatPurchases } from "./run.ts";
import { findSystem } from "./system.ts";

const TEXT_OPTIONS = {
  url: "system to flood (the one that runs here, else a new one)",
  "admin-token": "of that system (ADMIN_TOKEN, else the state folder's file)",
  report: "file to write the figures to, as JSON",
};

/** Floods a fresh sale and judges what came of it. */
async function flood(url: string, adminToken: string, numbers: Numbers): Promise<FloodFigures> {
  const run = await prepareRun(url, adminToken, numbers);
  try {
    const { sale, admin, crowd, meter } = run;
    console.log(
      `Flooding ${url}, sale ${sale.saleId}: ${numbers.shoppers} shoppers, ${sale.stock} units`,
    );
    const startMs = machineClock.nowMs();
    const stopProgress = showProgress(crowd, sale.stock);
    await crowd.run();
    stopProgress();
    const seconds = (machineClock.nowMs() - startMs) / 1000;
    await repeatPurchases(crowd);
    console.log("Waiting for D1 to settle, then comparing the ledger, D1 and the shoppers");
    const evidence = await collectEvidence(
      admin,
      sale,
      crowd.records,
      machineClock,
      openHoldsMs(numbers),
    );
    return figuresOf(evidence, checkAll(evidence), meter, seconds);
  } finally {
    await run.close();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, {}, TEXT_OPTIONS);
  if (options === null) {
    console.log(usage("npm run flood --", {}, TEXT_OPTIONS));
    return 0;
  }
  const { numbers, texts } = options;
  const system = await findSystem(texts.url, texts["admin-token"]);
  try {
    const figures = await flood(system.url, system.adminToken, numbers);
    console.log(renderReport(figures));
    if (texts.report !== undefined) {
      await writeFile(texts.report, `${JSON.stringify(figures, null, 2)}\n`);
    }
    return figures.breaches.length === 0 ? 0 : 1;
  } finally {
    await system.stop();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${error.message}; --help lists the options` : error);
  process.exitCode = isUsage ? 2 : 1;
}
