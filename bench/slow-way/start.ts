import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { LocalError, runCommand } from "../../local/local-error.ts";
import type { Detour } from "../../local/runtime.ts";
import { startLocal } from "../../local/start-local.ts";
import { watchStopSignals } from "../../local/stop-signals.ts";

const SCRIPT = join(import.meta.dirname, "slow-lane.ts");

// The local system for drivers, with slow ways to the lanes: started by `ServerProcess`, from whose
// environment everything comes. `npm start` knows nothing of it.
await runCommand(async () => {
  const signals = watchStopSignals();
  const system = await startLocal({
    port: Number(setting("PORT")),
    stateDirectory: setting("ROPELINE_STATE"),
    adminToken: setting("ADMIN_TOKEN"),
    quiet: true,
    timeScale: Number(setting("PAYMENT_TIME_SCALE")),
    detours: [await slowLanes(setting("LANE_DELAY_MS"))],
  });
  await signals.next();
  await system.stop();
  process.exit(0);
});

async function slowLanes(delayMaxMs: string): Promise<Detour> {
  const source = await readFile(SCRIPT, "utf8");
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  return {
    role: "gateway",
    binding: "QUEUE_LANE",
    script: code,
    className: "SlowLane",
    bindings: { DELAY_MAX_MS: delayMaxMs },
  };
}

function setting(name: string): string {
  const value = process.env[name] ?? "";
  if (value === "") throw new LocalError(`${name} is not set; start it by a driver's --lane-delay`);
  return value;
}
