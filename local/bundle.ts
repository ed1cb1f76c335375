import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { LocalError, errorCode } from "./local-error.ts";
import { BUILD_DIRECTORY, PAGES_DIRECTORY, ROOT, WORKER_CONFIGS } from "./paths.ts";
import type { WorkerRole } from "./paths.ts";
import type { StandIn } from "./runtime.ts";
import { hashSources } from "./source-hash.ts";
import { runWrangler } from "./wrangler-cli.ts";

/** All that a bundle depends on: code, configuration, and the versions of the libraries. */
const SOURCES = [
  "workers",
  "durable-objects",
  "domain",
  "d1",
  "wrangler.toml",
  "package-lock.json",
];

/** Old bundles older than this are swept away; younger ones may belong to a run that is starting. */
const OLD_BUNDLE_AGE_MS = 60 * 60 * 1000;

const BUNDLES_DIRECTORY = join(BUILD_DIRECTORY, "bundles");

/**
 * Bundles the three Workers exactly as a deploy would and returns the folder that holds
 * `<role>/index.js` for each. The folder is named by a hash of the sources: when nothing changed it
 * is used as it is, and commands that run side by side never see each other's half-written files.
 *
 * @throws LocalError when a Worker does not build; wrangler's own output follows the first line.
 */
export async function bundleWorkers(): Promise<string> {
  const hash = await hashSources(SOURCES.map((source) => join(ROOT, source)));
  const finished = join(BUNDLES_DIRECTORY, hash);
  if (await exists(finished)) return finished;

  // Wrangler refuses a configuration whose assets folder is missing, even for a dry run.
  await mkdir(PAGES_DIRECTORY, { recursive: true });
  const unfinished = join(BUNDLES_DIRECTORY, `${hash}.${process.pid}`);
  try {
    await Promise.all(WORKER_CONFIGS.map(({ role }) => bundleWorker(role, join(unfinished, role))));
    await publish(unfinished, finished);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  await sweepOldBundles(hash);
  return finished;
}

/** The folder of each Worker's bundle, with its `index.js`; stand-ins are bundled at every start. */
export async function bundlesWith(
  standIns: readonly StandIn[],
): Promise<Record<WorkerRole, string>> {
  const directory = await bundleWorkers();
  const bundles = Object.fromEntries(
    WORKER_CONFIGS.map(({ role }) => [role, join(directory, role)]),
  ) as Record<WorkerRole, string>;
  for (const { entry, role } of standIns) {
    bundles[role] = `${directory}.${role}.${process.pid}`;
    await bundleWorker(role, bundles[role], entry);
  }
  return bundles;
}

/** Bundles a Worker from its own module, or from `entry`. */
async function bundleWorker(role: WorkerRole, outdir: string, entry?: string): Promise<void> {
  const config = WORKER_CONFIGS.find((candidate) => candidate.role === role)?.config ?? "";
  const module = entry === undefined ? [] : [entry];
  const args = ["deploy", ...module, "--dry-run", "--config", config, "--outdir", outdir];
  const { exitCode, output } = await runWrangler(args);
  if (exitCode === 0) return;
  throw new LocalError(`the ${role} Worker does not build. Wrangler says:\n\n${output.trim()}`);
}

/** Moves a complete build into place; if another process was faster, its equal build stays. */
async function publish(unfinished: string, finished: string): Promise<void> {
  try {
    await rename(unfinished, finished);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EPERM") throw error;
  }
}

async function sweepOldBundles(currentHash: string): Promise<void> {
  for (const name of await readdir(BUNDLES_DIRECTORY)) {
    const path = join(BUNDLES_DIRECTORY, name);
    const info = await stat(path).catch(() => undefined);
    if (name === currentHash || info === undefined) continue;
    if (Date.now() - info.mtimeMs > OLD_BUNDLE_AGE_MS)
      await rm(path, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
