import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { LOOPBACK } from "../../local/runtime.ts";
import { watchStopSignals } from "../../local/stop-signals.ts";

// The bare Worker as `npm start` runs the product: by Miniflare, on a socket of its own, with its
// tables in files. PORT, STATE, KEY (base64url) and STOCK come from the environment.
const { KEY = "", PORT = "", STATE = "", STOCK = "" } = process.env;
const FOLDER = import.meta.dirname;
const CLASSES = { ITEM: "Item", NAIVE: "NaiveItem", LANE: "Lane", LINE: "Line" };

const signals = watchStopSignals();
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    name: "bare",
    modules: ["worker.js", "item.js", "line.js", "naive.js"].map((name) => ({
      type: "ESModule",
      path: join(FOLDER, name),
    })),
    modulesRoot: FOLDER,
    compatibilityDate: "2026-11-01",
    bindings: { KEY, STOCK },
    durableObjects: Object.fromEntries(
      Object.entries(CLASSES).map(([binding, className]) => [
        binding,
        { className, useSQLite: true },
      ]),
    ),
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
