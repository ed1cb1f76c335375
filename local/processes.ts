import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { V4WorkerOptions } from "miniflare";
import { LocalError } from "./local-error.ts";
import { LOOPBACK, makeFront } from "./front.ts";
import type { WorkerRole } from "./paths.ts";
import type { DescribedWorker } from "./worker-options.ts";

/*
 * A process of the Workers runtime has one thread for all that it runs. On Cloudflare the edge and every object are
 * on machines of their own; here the purchase Worker with its items, database and queues may have a second process,
 * and with it a second core. It is the part that calls go to seldom, and in which every object is first called from
 * within: one that is made by a call from another process does not know its own name.
 */

/** The Worker that may have a process of its own. */
export const APART_ROLE: WorkerRole = "purchase";

/** Where the processes of one start write down who runs what. */
const REGISTRY = "registry";

/** A process reads of another's Workers within a tenth of a second. */
const SEEN_TIMEOUT_MS = 10_000;
const SEEN_POLL_MS = 20;

/** Parts the Workers by process; those of several find each other. */
export function inProcesses(
  workers: readonly DescribedWorker[],
  isApart: boolean,
): { together: V4WorkerOptions[]; apart: V4WorkerOptions[] } {
  if (!isApart) return { together: workers.map(({ options }) => options), apart: [] };
  const of = (inFirst: boolean): V4WorkerOptions[] =>
    workers
      .filter(({ role }) => (role !== APART_ROLE) === inFirst)
      .map(({ options }) => findable(options));
  return { together: of(true), apart: of(false) };
}

/**
 * The gateway once more, in the process of the purchase Worker: requests of shoppers come to many edges, and those
 * that are about purchases cost no call between processes here. What it asks of a line's objects has to be known to
 * them, since its calls bring no name.
 */
export function secondEdge(
  gateway: DescribedWorker,
  port: number,
): { name: string; workers: V4WorkerOptions[] } {
  const name = `${gateway.name}-beside-purchases`;
  const options = { ...gateway.options, name };
  const front = makeFront({ ...gateway, name, options }, { host: LOOPBACK, port });
  return { name: front.name, workers: [options, front.options] };
}

/** Makes the folder for this start: an entry of a process that was killed would keep its successor's out. */
export async function emptyRegistry(resourceDirectory: string): Promise<string> {
  const registry = join(resourceDirectory, REGISTRY);
  await rm(registry, { recursive: true, force: true });
  await mkdir(registry, { recursive: true });
  return registry;
}

/**
 * Lets other processes find the Worker. Its objects stay in memory: one that is made anew by a call from the
 * other process would not know its own name, which such a call does not bring.
 */
function findable(options: V4WorkerOptions): V4WorkerOptions {
  const durableObjects = Object.fromEntries(
    Object.entries(options.durableObjects ?? {}).map(([binding, bound]) => [
      binding,
      typeof bound === "string" || bound.scriptName !== undefined
        ? bound
        : { ...bound, unsafePreventEviction: true },
    ]),
  );
  return { ...options, unsafeRegisterWorker: true, durableObjects };
}

/**
 * Resolves when the Worker with these bindings reaches what another process runs.
 *
 * @throws LocalError when it still does not after 10 seconds.
 */
export async function seesTheOthers(bindings: Record<string, unknown>): Promise<void> {
  const deadlineMs = performance.now() + SEEN_TIMEOUT_MS;
  for (;;) {
    try {
      if (await asReady(bindings["WAITING_ROOM"]).ready()) return;
    } catch (error) {
      if (performance.now() < deadlineMs) await sleep(SEEN_POLL_MS);
      else throw new LocalError(`the processes do not find each other: ${String(error)}`);
    }
  }
}

function asReady(binding: unknown): { ready(): Promise<boolean> } {
  return binding as { ready(): Promise<boolean> };
}
