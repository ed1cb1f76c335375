import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startOwnServer } from "../own-server.ts";
import { originOf, writeJson } from "../saved.ts";
import { renderScenarios, type ScenarioRun } from "./report.ts";

// `npm run scenarios`: each against a local system of its own, one after the other; then the report.

const NAMES = ["warm-up", "herd", "wave", "stress", "soak"];
/** On two cores that k6 shares: what they can do at the peak. */
const SCALE = 0.01;
const SECONDS_MAX = 120;
const SCRIPT = join(import.meta.dirname, "sale.js");
/** Payments need not wait for a provider as slow as a real one. */
const PAYMENT_TIME_SCALE = 4;
/** k6's own code for a promise that was broken: the report says which. */
const BROKEN_EXIT_CODE = 99;

const USAGE = `npm run scenarios -- [options]
  --only A,B        of ${NAMES.join(", ")} (all)
  --scale N         shoppers, rates and units are multiplied by it (${SCALE})
  --seconds-max N   a scenario that takes longer is shortened to it (${SECONDS_MAX})
  --report PATH     where the report goes, without its ending (bench/reports/k6)
It needs k6: go install go.k6.io/k6@latest`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    only: { type: "string", default: NAMES.join(",") },
    scale: { type: "string", default: String(SCALE) },
    "seconds-max": { type: "string", default: String(SECONDS_MAX) },
    report: { type: "string", default: "bench/reports/k6" },
  },
});
const chosen = values.only.split(",");
const numbers = [values.scale, values["seconds-max"]].map(Number);
if (values.help) console.log(USAGE);
else if (chosen.some((name) => !NAMES.includes(name)) || !numbers.every((value) => value > 0)) {
  console.error(USAGE);
  process.exitCode = 2;
} else await runAll();

async function runAll(): Promise<void> {
  const k6 = versionOfK6();
  const origin = await originOf("scenarios", process.argv.slice(2));
  const runs: ScenarioRun[] = [];
  for (const name of chosen) runs.push(await runOne(name));
  const report = { origin, k6, runs };
  await writeJson(`${values.report}.json`, report);
  const markdown = renderScenarios(report);
  await writeFile(`${values.report}.md`, markdown);
  console.log(`\n${markdown}`);
}

async function runOne(name: string): Promise<ScenarioRun> {
  console.log(`\n${name}`);
  const server = await startOwnServer(undefined, PAYMENT_TIME_SCALE);
  const folder = await mkdtemp(join(tmpdir(), "ropeline-k6-"));
  const summary = join(folder, "summary.json");
  try {
    const environment = {
      SCENARIO: name,
      URL: server.url,
      ADMIN_TOKEN: server.adminToken,
      SCALE: values.scale,
      SECONDS_MAX: values["seconds-max"],
      SUMMARY: summary,
    };
    const child = spawn("k6", ["run", "--no-usage-report", SCRIPT], {
      stdio: "inherit",
      // In the environment and not among the arguments, which everybody on the machine can read.
      env: { ...process.env, ...environment, K6_INCLUDE_SYSTEM_ENV_VARS: "true" },
    });
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0 && code !== BROKEN_EXIT_CODE)
      throw new Error(`k6 ended with ${code} in ${name}; what it says stands above.`);
    return JSON.parse(await readFile(summary, "utf8")) as ScenarioRun;
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

function versionOfK6(): string {
  try {
    return execFileSync("k6", ["version"], { encoding: "utf8" }).trim().split(" (")[0] ?? "";
  } catch {
    throw new Error("k6 is not there: go install go.k6.io/k6@latest, and its folder on the PATH");
  }
}
