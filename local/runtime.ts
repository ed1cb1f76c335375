import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import type { V4WorkerOptions } from "miniflare";
import { LOOPBACK, makeFront } from "./front.ts";
import { LocalError, errorCode } from "./local-error.ts";
import type { MigrationDatabase } from "./migrate.ts";
import { guardNewChildren } from "./orphan-guard.ts";
import type { ChildGuard } from "./orphan-guard.ts";
import { WORKER_CONFIGS } from "./paths.ts";
import type { WorkerRole } from "./paths.ts";
import { APART_ROLE, emptyRegistry, inProcesses, secondEdge, seesTheOthers } from "./processes.ts";
import { describeWorker, describedAs, putInTheWay, withQuietWrangler } from "./worker-options.ts";
import type { DescribedWorker } from "./worker-options.ts";

// This is the only file that runs Miniflare. Its programmatic interface is still changing, so it
// is used at the version that the pinned wrangler ships, and nothing of it leaks out of here.

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What the local runtime needs to know. */
export interface RuntimeOptions {
  /** Port of the gateway on loopback; 0 takes any free one. */
  port: number;
  /** The folder of each Worker's bundle, with its `index.js`. */
  bundles: Record<WorkerRole, string>;
  /** Where objects, D1 and the like keep their files between runs. */
  resourceDirectory: string;
  /** Text bindings, such as secrets, added to what a Worker's configuration says. */
  bindings: Partial<Record<WorkerRole, Record<string, string>>>;
  /** What stands between Workers and objects; nothing, but for drivers of load. */
  detours: readonly Detour[];
  /**
   * The purchase Worker runs in a process of its own, with an edge of its own beside it on this port; only drivers of
   * load ask for it.
   */
  purchaseApart: { edgePort: number } | null;
  /** Called with each line that a Worker or the runtime logs. */
  onLog: (line: { level: string; message: string }) => void;
}

/**
 * A Worker that stands between another one and its objects, as a slow network would. It reaches the
 * real objects through a binding of the same name.
 */
export interface Detour {
  /** The Worker that meets the detour, and by which of its bindings. */
  role: WorkerRole;
  binding: string;
  /** JavaScript of a module that exports the object's class, and that class's name. */
  script: string;
  className: string;
  /** Text bindings of the detour. */
  bindings: Record<string, string>;
}

/**
 * A module that a driver of load puts in the place of a Worker's own: it has the same exports, and may
 * replace bindings before it hands them on.
 */
export interface StandIn {
  role: WorkerRole;
  /** Path of the module, named `index.ts`. */
  entry: string;
  /** Text bindings beside the Worker's own. */
  bindings: Record<string, string>;
}

/** The running system. */
export interface LocalRuntime {
  /** Base address of the gateway, without a slash at the end. */
  url: string;
  /** Base address of the edge beside the purchase Worker; `null` where that is not apart. */
  secondEdgeUrl: string | null;
  /** The database behind the purchase Worker's binding `DB`. */
  database: MigrationDatabase;
  /** Calls every cron trigger of every configuration once. Resolves when all handlers are done. */
  callCronTriggers(): Promise<void>;
  /** Stops the Workers. What was acknowledged is on disk already. */
  stop(): Promise<void>;
}

/**
 * Runs the three Workers of the deployed system, from the same configurations, in the real Workers
 * runtime on this machine. The gateway gets a socket of its own: through the entry socket that
 * Miniflare opens beside it (on another free loopback port, for its own use) each request would take
 * a detour that costs four fifths of the throughput. What listens there is the gateway's front.
 *
 * @throws LocalError when the port is taken or a Worker does not start.
 */
export async function startRuntime(options: RuntimeOptions): Promise<LocalRuntime> {
  const workers = withQuietWrangler(() =>
    WORKER_CONFIGS.map(({ role, config }) => describeWorker(role, config, options)),
  );
  const detours = options.detours.map((detour, index) =>
    putInTheWay(detour, `detour-${index}`, workers),
  );
  const front = makeFront(describedAs(workers, "gateway"), { host: LOOPBACK, port: options.port });
  const { purchaseApart } = options;
  const { together, apart } = inProcesses(workers, purchaseApart !== null);
  const edge = purchaseApart && secondEdge(describedAs(workers, "gateway"), purchaseApart.edgePort);
  const groups = [
    [...together, ...detours, front.options],
    ...(edge ? [[...apart, ...edge.workers]] : []),
  ];
  const registry = groups.length > 1 ? await emptyRegistry(options.resourceDirectory) : null;
  const guard = guardNewChildren();
  const releaseSignals = rememberSignalListeners();
  const processes = groups.map((group) => runWorkers(group, registry, options, guard));
  releaseSignals();
  const [first, last] = [processes[0], processes.at(-1)];
  if (first === undefined || last === undefined) throw new Error("no Worker is described");
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((miniflare) => miniflare.dispose()));
  };
  try {
    await Promise.all(processes.map((miniflare) => miniflare.ready));
    guard.refresh();
    const gateway = await first.unsafeGetDirectURL(front.name);
    const processOf = ({ role }: DescribedWorker): Miniflare =>
      role === APART_ROLE ? last : first;
    const purchase = describedAs(workers, "purchase");
    if (edge) await seesTheOthers(await last.getBindings(purchase.name));
    return {
      url: gateway.origin,
      secondEdgeUrl: edge && (await last.unsafeGetDirectURL(edge.name)).origin,
      database: await processOf(purchase).getD1Database("DB", purchase.name),
      async callCronTriggers(): Promise<void> {
        for (const described of workers) {
          const { name, crons } = described;
          if (crons.length === 0) continue;
          const worker: unknown = await processOf(described).getWorker(name);
          if (!isSchedulable(worker)) throw new Error(`the Worker ${name} takes no cron triggers`);
          for (const cron of crons) await worker.scheduled({ cron });
        }
      },
      async stop(): Promise<void> {
        await stop();
        guard.lift();
      },
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw explainStartFailure(error, options.port);
  }
}

/** Starts a process of the Workers runtime with these Workers; it finds those of others by the registry. */
function runWorkers(
  workers: V4WorkerOptions[],
  registry: string | null,
  { onLog, resourceDirectory }: RuntimeOptions,
  guard: ChildGuard,
): Miniflare {
  return new Miniflare(
    convertV4MiniflareOptions({
      workers,
      host: LOOPBACK,
      port: 0,
      // Without this Miniflare asks a server on the Internet where this machine is.
      cf: false,
      log: new Log(LogLevel.ERROR),
      logRequests: false,
      resourcePersistencePath: resourceDirectory,
      ...(registry === null ? {} : { unsafeDevRegistryPath: registry }),
      handleStructuredLogs: ({ level, message }) => onLog({ level, message }),
      unsafeHandleRuntimeRestart: () => guard.refresh(),
    }),
  );
}

function explainStartFailure(error: unknown, port: number): unknown {
  const code = errorCode(error);
  if (code === "ERR_ADDRESS_IN_USE") return portTaken(port);
  if (code !== "ERR_RUNTIME_FAILURE") return error;
  return new LocalError("the Workers do not start. What they have to say is in the lines above.");
}

/** The error of a port that another program listens on. */
export function portTaken(port: number): LocalError {
  return new LocalError(
    `port ${port} is in use by another program. Stop it, or choose a port: PORT=${port + 1} npm start`,
  );
}

/**
 * Miniflare ends the whole process on SIGINT and the like, before anyone else could stop cleanly.
 * The function returned removes the listeners added since; the one for the process's end stays.
 */
function rememberSignalListeners(): () => void {
  const before = new Map(ENDING_SIGNALS.map((signal) => [signal, process.listeners(signal)]));
  return () => {
    for (const signal of ENDING_SIGNALS) {
      for (const listener of process.listeners(signal)) {
        if (before.get(signal)?.includes(listener) !== true) process.off(signal, listener);
      }
    }
  };
}

function isSchedulable(
  worker: unknown,
): worker is { scheduled(options: { cron: string }): Promise<unknown> } {
  if (typeof worker !== "object" && typeof worker !== "function") return false;
  return worker !== null && "scheduled" in worker && typeof worker.scheduled === "function";
}
