import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { LocalError, runCommand } from "../local/local-error.ts";
import type { Detour, StandIn } from "../local/runtime.ts";
import { startLocal } from "../local/start-local.ts";
import { watchStopSignals } from "../local/stop-signals.ts";
import type { ServerOptions } from "./server-process.ts";
import {
  changesPurchase,
  changesWaitingRoom,
  type FaultPlan,
  type OBJECT_CLASSES,
} from "./faults/plan.ts";

const FAULTS_DIRECTORY = join(import.meta.dirname, "faults");
const SLOW_LANE = join(FAULTS_DIRECTORY, "slow-lane.ts");

// The local system for drivers, with the faults that they want: started by `ServerProcess`, from whose
// environment everything comes. `npm start` fills a shop with demo sales, which a flood would not wait for.
await runCommand(async () => {
  const signals = watchStopSignals();
  const plan = JSON.parse(setting("FAULTS")) as FaultPlan;
  const system = await startLocal({
    port: Number(setting("PORT")),
    stateDirectory: setting("ROPELINE_STATE"),
    adminToken: setting("ADMIN_TOKEN"),
    quiet: true,
    timeScale: Number(setting("PAYMENT_TIME_SCALE")),
    purchaseApart: JSON.parse(setting("PURCHASE_APART")) as ServerOptions["purchaseApart"],
    detours: plan.laneDelayMs > 0 ? [await slowLanes(plan.laneDelayMs)] : [],
    standIns: [
      ...(changesPurchase(plan) ? [worse("purchase", plan)] : []),
      ...(changesWaitingRoom(plan) ? [worse("waiting-room", plan)] : []),
    ],
  });
  process.send?.("ready");
  await signals.next();
  await system.stop();
  process.exit(0);
});

async function slowLanes(delayMaxMs: number): Promise<Detour> {
  const source = await readFile(SLOW_LANE, "utf8");
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  return {
    role: "gateway",
    binding: "QUEUE_LANE",
    script: code,
    className: "SlowLane",
    bindings: { DELAY_MAX_MS: String(delayMaxMs) },
  };
}

function worse(role: keyof typeof OBJECT_CLASSES, plan: FaultPlan): StandIn {
  const entry = join(FAULTS_DIRECTORY, role, "index.ts");
  return { role, entry, bindings: { FAULTS: JSON.stringify(plan) } };
}

function setting(name: string): string {
  const value = process.env[name] ?? "";
  if (value === "") throw new LocalError(`${name} is not set; the drivers start this themselves`);
  return value;
}
