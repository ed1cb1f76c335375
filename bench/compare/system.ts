import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { request } from "undici";
import type { Heard, Request } from "./client.ts";
import type { WorkName } from "./works.ts";

const READY_PAUSE_MS = 100;
const READY_LONGEST_MS = 60_000;
const ANSWER_LONGEST_MS = 2000;
const STOP_LONGEST_MS = 10_000;
const LOG_TAIL_CHARACTERS = 2000;

/** How a system does one of the works. */
export interface Job {
  /** Makes this many requests, none of which was sent before if the work is one of distinct shoppers. */
  requests(count: number): Promise<Request[]> | Request[];
  /** The field of answers that tells the order or the place. */
  idField?: string;
  /** The statuses that say that the work was done. */
  expected: readonly number[];
  /**
   * What is wrong after a run over so many connections, as sentences: sold too much, lost, given twice.
   * Nothing, where nothing is kept.
   */
  check?(heard: Heard, connections: number): Promise<string[]> | string[];
}

/** A system that runs. */
export interface Running {
  url: string;
  /** Processes whose trees are the system. */
  pids: readonly number[];
  jobs: Partial<Record<WorkName, Job>>;
  stop(): Promise<void>;
}

/** A system that can be compared. */
export interface Contestant {
  name: string;
  /** What it is, in one sentence. */
  about: string;
  /** Whether a purchase is on disk before it is answered, and how. */
  durable: string;
  works: readonly WorkName[];
  /** Starts it, with its state in this empty folder. */
  start(folder: string): Promise<Running>;
}

/** A process of a system, with all that come from it. */
export interface Started {
  pid: number;
  stop(): Promise<void>;
}

/** What to start. */
export interface StartPlan {
  command: string;
  args: readonly string[];
  env?: Record<string, string>;
  /** Where its output goes, as `NAME.log`. */
  folder: string;
  name: string;
  /** As which user, where it will not run as root. */
  uid?: number;
  gid?: number;
  /** Whether it can be used. */
  isReady: () => Promise<boolean>;
}

/** Whatever ends this process must not leave them behind. */
const living = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of living) signal(child, "SIGKILL");
});

/** Starts a process in a group of its own and returns when it is ready. Throws with the end of its log. */
export async function startProcess(plan: StartPlan): Promise<Started> {
  const { args, command, env = {}, folder, gid, isReady, name, uid } = plan;
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, "a");
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...env },
    ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
  });
  closeSync(log);
  // Without a listener an error, such as a missing program, would end this process.
  child.on("error", () => {});
  living.add(child);
  const stop = async (): Promise<void> => {
    await end(child);
    living.delete(child);
  };
  const untilMs = performance.now() + READY_LONGEST_MS;
  while (!(await isReady())) {
    if (child.pid === undefined || hasEnded(child) || performance.now() >= untilMs) {
      await stop();
      const tail = (await readFile(logFile, "utf8")).slice(-LOG_TAIL_CHARACTERS);
      throw new Error(`${name} (${command}) did not get ready; its log ends:\n${tail}`);
    }
    await delay(READY_PAUSE_MS);
  }
  return { pid: child.pid ?? 0, stop };
}

/** Whether an address answers with this status. */
export async function answers(url: string, status: number): Promise<boolean> {
  try {
    const { body, statusCode } = await request(url, { headersTimeout: ANSWER_LONGEST_MS });
    await body.dump();
    return statusCode === status;
  } catch {
    return false;
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const gone = once(child, "exit");
  signal(child, "SIGTERM");
  await Promise.race([gone, delay(STOP_LONGEST_MS, null, { ref: false })]);
  signal(child, "SIGKILL");
  await gone;
}

/** Signals the whole group. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
