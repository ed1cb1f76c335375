import { join } from "node:path";
import type { V4WorkerOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { LocalError } from "./local-error.ts";
import type { WorkerRole } from "./paths.ts";
import type { Detour, RuntimeOptions } from "./runtime.ts";

/** A Worker of the system, as Miniflare is told of it. */
export interface DescribedWorker {
  role: WorkerRole;
  name: string;
  crons: readonly string[];
  options: V4WorkerOptions;
  /** The folder of its bundle. */
  bundleDirectory: string;
}

/** Runs the body without wrangler's remarks on secrets that it does not find: they are bound here. */
export function withQuietWrangler<Result>(body: () => Result): Result {
  const level = process.env["WRANGLER_LOG"];
  process.env["WRANGLER_LOG"] = level ?? "error";
  try {
    return body();
  } finally {
    if (level === undefined) delete process.env["WRANGLER_LOG"];
  }
}

/** Reads a Worker's configuration, and adds its bundle and the bindings of this machine. */
export function describeWorker(
  role: WorkerRole,
  config: string,
  options: RuntimeOptions,
): DescribedWorker {
  const { name, triggers } = unstable_readConfig({ config }, { hideWarnings: true });
  if (name === undefined) throw new LocalError(`${config} has no "name". Add one.`);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
  // Both describe how to find modules from source; the bundle is a single file.
  const { rootPath: _rootPath, modulesRules: _modulesRules, ...described } = workerOptions;
  const modulesRoot = options.bundles[role];
  return {
    role,
    name,
    crons: triggers.crons ?? [],
    bundleDirectory: modulesRoot,
    options: {
      ...described,
      name,
      modules: true,
      scriptPath: join(modulesRoot, "index.js"),
      modulesRoot,
      bindings: Object.assign({}, described["bindings"], options.bindings[role]),
    },
  };
}

/** Points the binding at the detour, and the detour at what the binding was for. */
export function putInTheWay(
  { binding, bindings, className, role, script }: Detour,
  name: string,
  workers: readonly DescribedWorker[],
): V4WorkerOptions {
  const { options } = describedAs(workers, role);
  const { compatibilityDate = "", durableObjects = {} } = options;
  const real = durableObjects[binding];
  if (real === undefined) throw new Error(`the ${role} Worker has no objects bound as ${binding}`);
  options.durableObjects = { ...durableObjects, [binding]: { className, scriptName: name } };
  return {
    name,
    modules: true,
    script,
    compatibilityDate,
    bindings,
    durableObjects: { [binding]: real },
    additionalUnboundDurableObjects: [{ className, useSQLite: true }],
  };
}

/** The Worker with the role. */
export function describedAs(
  workers: readonly DescribedWorker[],
  role: WorkerRole,
): DescribedWorker {
  const worker = workers.find((candidate) => candidate.role === role);
  if (worker === undefined) throw new Error(`no Worker has the role ${role}`);
  return worker;
}
