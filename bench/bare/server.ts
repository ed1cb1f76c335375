import { join } from "node:path";
import { serveAlone } from "../serve-alone.ts";

// The bare Worker, or the naive one, as `npm start` runs the product: by Miniflare, on a socket of its
// own, with its tables in files. What it needs comes from the environment; KEY is base64url.
const { KEY = "", PORT = "", STATE = "", STOCK = "", WORKER = "" } = process.env;
const FOLDER = import.meta.dirname;
const WORKERS: Record<string, { modules: string[]; classes: Record<string, string> }> = {
  bare: {
    modules: ["worker.js", "token.js", "item.js", "line.js"],
    classes: { ITEM: "Item", LANE: "Lane", LINE: "Line" },
  },
  naive: {
    modules: ["naive-worker.js", "token.js", "naive.js"],
    classes: { NAIVE: "NaiveShop" },
  },
};

const worker = WORKERS[WORKER];
if (worker === undefined) throw new Error(`there is no Worker named "${WORKER}"`);

await serveAlone(
  {
    name: WORKER,
    modules: worker.modules.map((name) => ({
      type: "ESModule" as const,
      path: join(FOLDER, name),
    })),
    modulesRoot: FOLDER,
    bindings: { KEY, STOCK },
    durableObjects: Object.fromEntries(
      Object.entries(worker.classes).map(([binding, className]) => [
        binding,
        { className, useSQLite: true },
      ]),
    ),
  },
  { port: Number(PORT), state: STATE },
);
