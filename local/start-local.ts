import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { bundlesWith } from "./bundle.ts";
import { startCron } from "./cron.ts";
import { LOOPBACK } from "./front.ts";
import { LocalError, errorCode } from "./local-error.ts";
import { MIGRATIONS_DIRECTORY, applyMigrations, readMigrations } from "./migrate.ts";
import { buildPagesIfChanged } from "./pages.ts";
import type { WorkerRole } from "./paths.ts";
import { portTaken, startRuntime } from "./runtime.ts";
import type { Detour, LocalRuntime, RuntimeOptions, StandIn } from "./runtime.ts";
import { openStateFolder } from "./state-folder.ts";
import type { StateFolder } from "./state-folder.ts";

/** Far beyond any start that still succeeds; the usual one takes a second. */
const READY_TIMEOUT_MS = 30_000;

/** How often the start asks whether every binding answers. */
const READY_POLL_MS = 50;

/** How the local system starts. */
export interface StartLocalOptions {
  /** Port on loopback; 0 takes any free one. */
  port: number;
  /** Folder that keeps the state between runs; made where it is missing. */
  stateDirectory: string;
  /** Wipes what the folder keeps before the start. Off by default. */
  fresh?: boolean;
  /** The admin token; by default one is made at the first start and kept in the folder. */
  adminToken?: string;
  /** Payments run this many times faster than in production; 1 by default. */
  timeScale?: number;
  /** Prints no progress, and of the Workers' logs only warnings and errors. Off by default. */
  quiet?: boolean;
  /** What drivers of load put between Workers and objects; nothing by default. */
  detours?: readonly Detour[];
  /** What they put in the place of Workers' own modules; nothing by default. */
  standIns?: readonly StandIn[];
  /** The purchase Worker runs in a process of its own with a second edge, for drivers of load. Off by default. */
  purchaseApart?: { edgePort: number } | null;
}

/** The running local system. */
export interface LocalSystem {
  /** Base address of the gateway, without a slash at the end. */
  url: string;
  /** Base address of the edge beside the purchase Worker; `null` where that is not apart. */
  secondEdgeUrl: string | null;
  /** Accepted as a bearer token by the admin routes. */
  adminToken: string;
  /** Stops the system and lets go of port and state folder. */
  stop(): Promise<void>;
}

/**
 * Builds pages and Workers, opens the state folder, starts the whole system in the real Workers
 * runtime, migrates its database and returns once `GET /ready` answers 200. Progress and the logs of
 * the Workers go to standard error.
 *
 * @throws LocalError with one clear line when the port is taken, the folder cannot be used, a build
 * fails, or the system does not become ready within 30 seconds.
 */
export async function startLocal(options: StartLocalOptions): Promise<LocalSystem> {
  const progress = options.quiet === true ? ignore : printProgress;
  const folder = await openStateFolder(options.stateDirectory);
  try {
    await assertPortFree(options.port);
    if (options.fresh === true) {
      await folder.wipe();
      progress("wiped the state folder");
    }
    const bundles = await build(progress, options.standIns ?? []);
    return await startOn(folder, bundles, options, progress);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

async function build(
  progress: (line: string) => void,
  standIns: readonly StandIn[],
): Promise<Record<WorkerRole, string>> {
  const startedAtMs = performance.now();
  await buildPagesIfChanged();
  const bundles = await bundlesWith(standIns);
  progress(`built pages and Workers in ${secondsSince(startedAtMs)}`);
  return bundles;
}

async function startOn(
  folder: StateFolder,
  bundles: Record<WorkerRole, string>,
  options: StartLocalOptions,
  progress: (line: string) => void,
): Promise<LocalSystem> {
  const startedAtMs = performance.now();
  const TOKEN_KEYS = await folder.loadTokenKeys();
  const LOG_KEYS = await folder.loadLogKeys();
  const SANDBOX_WEBHOOK_SECRET = await folder.loadWebhookSecret();
  const adminToken = options.adminToken ?? (await folder.loadAdminToken());
  const { timeScale = 1, standIns = [] } = options;
  const bindings: RuntimeOptions["bindings"] = {
    gateway: { TOKEN_KEYS, ADMIN_TOKEN: adminToken },
    "waiting-room": { LOG_KEYS },
    purchase: {
      TOKEN_KEYS,
      SANDBOX_WEBHOOK_SECRET,
      ...(timeScale === 1 ? {} : { TIME_SCALE: String(timeScale) }),
    },
  };
  for (const standIn of standIns) Object.assign((bindings[standIn.role] ??= {}), standIn.bindings);
  const runtime = await startRuntime({
    port: options.port,
    bundles,
    resourceDirectory: folder.resourceDirectory,
    bindings,
    detours: options.detours ?? [],
    purchaseApart: options.purchaseApart ?? null,
    onLog: (line) => printWorkerLog(line, options.quiet === true),
  });
  try {
    const migrations = await readMigrations(MIGRATIONS_DIRECTORY);
    const applied = await applyMigrations(runtime.database, migrations);
    if (applied.length > 0) progress(`migrated the database: ${applied.join(", ")}`);
    await waitUntilReady(runtime);
  } catch (error) {
    await runtime.stop();
    throw error;
  }
  progress(`started the Workers in ${secondsSince(startedAtMs)}`);
  if (timeScale !== 1) progress(`payments run at ${timeScale} times the pace of production`);
  const stopCron = startCron(runtime, printProgress);
  return {
    url: runtime.url,
    secondEdgeUrl: runtime.secondEdgeUrl,
    adminToken,
    async stop(): Promise<void> {
      stopCron();
      await runtime.stop();
      await folder.close();
    },
  };
}

/** Tells early, before anything is built, that the port is taken. */
async function assertPortFree(port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, LOOPBACK, resolve);
    });
  } catch (error) {
    if (errorCode(error) === "EADDRINUSE") throw portTaken(port);
    if (errorCode(error) !== "EACCES") throw error;
    throw new LocalError(`port ${port} needs more rights than you have. Choose one above 1023.`);
  }
  await new Promise((resolve) => server.close(resolve));
}

async function waitUntilReady(runtime: LocalRuntime): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  let lastAnswer = "nothing";
  for (;;) {
    const remainingMs = Math.floor(deadlineMs - performance.now());
    if (remainingMs <= 0) break;
    try {
      const response = await fetch(`${runtime.url}/ready`, {
        signal: AbortSignal.timeout(remainingMs),
      });
      const body = await response.text();
      if (response.status === 200) return;
      lastAnswer = `status ${response.status} ${body}`.trim();
    } catch (error) {
      lastAnswer = String(error);
    }
    await sleep(READY_POLL_MS);
  }
  throw new LocalError(
    `the system did not become ready within ${READY_TIMEOUT_MS / 1000} s. ` +
      `GET /ready last answered: ${lastAnswer}. The Workers' errors, if any, are above.`,
  );
}

function printWorkerLog(line: { level: string; message: string }, isQuiet: boolean): void {
  if (isQuiet && line.level !== "error" && line.level !== "warn") return;
  console.error(`[worker ${line.level}] ${line.message}`);
}

function printProgress(line: string): void {
  console.error(`ropeline: ${line}`);
}

function ignore(): void {}

function secondsSince(startedAtMs: number): string {
  return `${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`;
}
