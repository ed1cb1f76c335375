import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { LOOPBACK } from "../../local/runtime.ts";
import { watchStopSignals } from "../../local/stop-signals.ts";

// One of the two processes: the item's (ROLE=item), or that of those who call it (ROLE=load). They find each other by the
// folder REGISTRY. PORT, STATE, ROLE and REGISTRY come from the environment.
const { PORT = "", REGISTRY = "", ROLE = "", STATE = "" } = process.env;
const WORKERS = {
  item: {
    name: "intake-item",
    durableObjects: { SKU: { className: "Sku", useSQLite: true } },
    serviceBindings: { TAKER: { name: "intake-load", entrypoint: "Taker" } },
  },
  load: {
    name: "intake-load",
    durableObjects: {
      SKU: { className: "Sku", scriptName: "intake-item", useSQLite: true },
      SKU_INTAKE: { className: "SkuIntake", useSQLite: true },
    },
    serviceBindings: {},
  },
};
const role = ROLE === "item" ? "item" : "load";
const { outputFiles } = await build({
  entryPoints: [join(import.meta.dirname, `${role}-worker.ts`)],
  bundle: true,
  write: false,
  format: "esm",
  conditions: ["workerd", "worker"],
  external: ["cloudflare:*", "node:*"],
});
const signals = watchStopSignals();
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    ...WORKERS[role],
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-11-01",
    unsafeDevRegistryPath: REGISTRY,
    unsafeDirectSockets: [{ host: LOOPBACK, port: Number(PORT) }],
    host: LOOPBACK,
    port: 0,
    cf: false,
    log: new Log(LogLevel.ERROR),
    logRequests: false,
    resourcePersistencePath: STATE,
  }),
);
await miniflare.ready;
await signals.next();
await miniflare.dispose();
process.exit(0);
