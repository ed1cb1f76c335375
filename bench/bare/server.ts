import { join } from "node:path";
import { serveAlone } from "../serve-alone.ts";

// The bare Worker as `npm start` runs the product: by Miniflare, on a socket of its own, with its
// tables in files. PORT, STATE, KEY (base64url) and STOCK come from the environment.
const { KEY = "", PORT = "", STATE = "", STOCK = "" } = process.env;
const FOLDER = import.meta.dirname;
const CLASSES = { ITEM: "Item", NAIVE: "NaiveItem", LANE: "Lane", LINE: "Line" };

await serveAlone(
  {
    name: "bare",
    modules: ["worker.js", "item.js", "line.js", "naive.js"].map((name) => ({
      type: "ESModule" as const,
      path: join(FOLDER, name),
    })),
    modulesRoot: FOLDER,
    bindings: { KEY, STOCK },
    durableObjects: Object.fromEntries(
      Object.entries(CLASSES).map(([binding, className]) => [
        binding,
        { className, useSQLite: true },
      ]),
    ),
  },
  { port: Number(PORT), state: STATE },
);
