import { isAbsolute, join } from "node:path";
import { parseArgs } from "node:util";
import { readTimeScale } from "../domain/purchase/schedule.ts";
import { LocalError, runCommand } from "./local-error.ts";
import { ROOT } from "./paths.ts";
import { seedDemo } from "./seed.ts";
import { startLocal } from "./start-local.ts";
import type { LocalSystem } from "./start-local.ts";
import { watchStopSignals } from "./stop-signals.ts";

const DEFAULT_PORT = 8787;
const PORT_MAX = 65535;

const USAGE = `Usage: npm start [-- [--fresh] [--time-scale N]]

  --fresh         forget all sales, orders and accounts of earlier runs
  --time-scale N  deadlines, time-outs and retries of payments N times faster (1 to 1000)

From the environment: PORT (8787), ADMIN_TOKEN (made at the first start),
ROPELINE_STATE (the state folder, .ropeline)`;

await runCommand(async () => {
  const flags = readFlags(process.argv.slice(2));
  if (flags.help) {
    console.log(USAGE);
    return;
  }
  const signals = watchStopSignals();
  const adminToken = readEnvironment("ADMIN_TOKEN");
  const system = await startLocal({
    port: readPort(readEnvironment("PORT")),
    stateDirectory: readStateDirectory(readEnvironment("ROPELINE_STATE")),
    fresh: flags.fresh,
    timeScale: flags.timeScale,
    ...(adminToken === undefined ? {} : { adminToken }),
  });
  try {
    const sales = await seedDemo(system, Date.now());
    if (sales.length > 0) console.error(`ropeline: created the demo sales ${sales.join(", ")}`);
    printAddresses(system);
    await signals.next();
  } finally {
    await system.stop();
  }
  console.error("ropeline: stopped. The state is kept; npm start goes on from here.");
  process.exit(0);
});

function readFlags(args: string[]): { fresh: boolean; help: boolean; timeScale: number } {
  const flag = { type: "boolean", default: false } as const;
  const scale = { type: "string", default: "1" } as const;
  try {
    const options = { fresh: flag, help: flag, "time-scale": scale } as const;
    const { fresh, help, "time-scale": timeScale } = parseArgs({ args, options }).values;
    return { fresh, help, timeScale: readTimeScale(timeScale) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LocalError(`${reason}\n\n${USAGE}`);
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= PORT_MAX) return port;
  throw new LocalError(`PORT must be a whole number from 0 to ${PORT_MAX}, not "${text}".`);
}

function readStateDirectory(text: string | undefined): string {
  if (text === undefined) return join(ROOT, ".ropeline");
  return isAbsolute(text) ? text : join(process.cwd(), text);
}

/** An empty variable counts as unset: that is how a shell clears one for a command. */
function readEnvironment(name: string): string | undefined {
  const value = process.env[name];
  return value === "" ? undefined : value;
}

function printAddresses(system: LocalSystem): void {
  const { port } = new URL(system.url);
  // Browsers treat "localhost" as secure, which the cookies need; some do not for 127.0.0.1.
  const home = `http://localhost:${port}`;
  console.log(`
Ropeline is ready after ${(performance.now() / 1000).toFixed(1)} s.

  Storefront   ${home}/
  Admin        ${home}/admin
  API docs     ${home}/docs
  Admin token  ${system.adminToken}

Press Ctrl-C to stop.`);
}
