import { join } from "node:path";
import type { V4WorkerOptions } from "miniflare";

/*
 * On Cloudflare the way from the edge to a Worker with assets is the platform's own. Miniflare writes it
 * in JavaScript: two more Workers, through which every request goes, cost twice what the gateway needs
 * for a trivial answer. What `run_worker_first` names goes to the Worker in any case, so here the same
 * bundle runs once more, without assets and with the socket, and hands on the rest.
 */

/** The only address that the local system listens on: it is not hardened for a network. */
export const LOOPBACK = "127.0.0.1";

/** The name of the front among the Workers. */
const FRONT_NAME = "front";
/** The binding by which it reaches the Worker that has the assets. */
const PAGES_BINDING = "PAGES";

/** What of a Worker's options the front is made of. */
export interface BundledWorker {
  name: string;
  options: V4WorkerOptions;
  /** The folder that holds the bundle, `index.js`. */
  bundleDirectory: string;
}

/** Makes the Worker that listens: `gateway` itself for what `run_worker_first` names. */
export function makeFront(
  { name, options, bundleDirectory }: BundledWorker,
  listen: { host: string; port: number },
): { name: string; options: V4WorkerOptions } {
  const { assets, scriptPath: _scriptPath, ...rest } = options;
  const front = {
    ...rest,
    name: FRONT_NAME,
    modules: [
      {
        type: "ESModule",
        path: join(bundleDirectory, "front.js"),
        contents: frontModule(workerFirst(assets)),
      },
      { type: "ESModule", path: join(bundleDirectory, "index.js") },
    ],
    serviceBindings: Object.assign({}, options["serviceBindings"], { [PAGES_BINDING]: name }),
    unsafeDirectSockets: [listen],
  };
  return { name: FRONT_NAME, options: front as V4WorkerOptions };
}

/** Matches the addresses of requests that never come to the assets. */
export function workerFirst(assets: unknown): RegExp {
  const rules = hasRules(assets) ? assets.run_worker_first : [];
  const paths = rules.map((rule) =>
    rule
      .split("*")
      .map((part) => part.replaceAll(/[^\w/]/g, String.raw`\$&`))
      .join("[^?]*"),
  );
  return new RegExp(String.raw`^[^/]+//[^/]+(?:${paths.join("|") || "(?!)"})(?:\?|$)`);
}

function hasRules(assets: unknown): assets is { run_worker_first: string[] } {
  if (typeof assets !== "object" || assets === null || !("run_worker_first" in assets))
    return false;
  const rules = assets.run_worker_first;
  return Array.isArray(rules) && rules.every((rule) => typeof rule === "string" && rule[0] === "/");
}

function frontModule(first: RegExp): string {
  return `import worker from "./index.js";
const first = ${String(first)};
export default {
  fetch(request, env, ctx) {
    return first.test(request.url) ? worker.fetch(request, env, ctx) : env.${PAGES_BINDING}.fetch(request);
  },
};
`;
}
