import { join } from "node:path";
import { build } from "esbuild";
import { serveAlone } from "../serve-alone.ts";

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
await serveAlone(
  {
    ...WORKERS[role],
    modules: true,
    script: outputFiles[0]?.text ?? "",
    unsafeDevRegistryPath: REGISTRY,
  },
  { port: Number(PORT), state: STATE },
);
