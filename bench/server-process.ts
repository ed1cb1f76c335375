import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { sumOfFigures } from "./faults/figures.ts";
import type { FaultFigures, FaultPlan } from "./faults/plan.ts";
import { lastTold } from "./faults/telling.ts";

const START_SCRIPT = join(import.meta.dirname, "server.ts");
/** The first start may build pages and Workers on a busy machine. */
const READY_LONGEST_MS = 60_000;
/** A clean stop ends within this time, or is ended. */
const STOP_LONGEST_MS = 10_000;
/** Of the server's output, this much explains why it did not start. */
const LOG_TAIL_CHARACTERS = 2000;

/** Where and how the server runs; the same at every start, so that it finds its state again. */
export interface ServerOptions {
  port: number;
  stateFolder: string;
  adminToken: string;
  faults: FaultPlan;
  /** Payments run so many times faster than in production. */
  timeScale: number;
  /** The purchase Worker runs in a process of its own, with a second edge. */
  purchaseApart: { edgePort: number } | null;
}

/** The local system as a process group of its own, which can be killed as a power cut would. */
export class ServerProcess {
  readonly url: string;
  readonly #options: ServerOptions;
  readonly #logFile: string;
  #child: ChildProcess | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#logFile = join(options.stateFolder, "server.log");
    this.url = `http://127.0.0.1:${options.port}`;
    // Whatever ends this driver must not leave the server behind.
    process.once("exit", () => this.#signal("SIGKILL"));
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  }

  /** Starts the server and returns when it is ready. Throws with the end of its log. */
  async start(): Promise<void> {
    const { port, stateFolder, adminToken, faults, purchaseApart, timeScale } = this.#options;
    const log = openSync(this.#logFile, "a");
    const child = spawn(process.execPath, [START_SCRIPT], {
      detached: true,
      stdio: ["ignore", log, log, "ipc"],
      env: {
        ...process.env,
        PORT: String(port),
        ROPELINE_STATE: stateFolder,
        ADMIN_TOKEN: adminToken,
        FAULTS: JSON.stringify(faults),
        PAYMENT_TIME_SCALE: String(timeScale),
        PURCHASE_APART: JSON.stringify(purchaseApart),
      },
    });
    closeSync(log);
    this.#child = child;
    // The address answers before the database is migrated: the server says when all is there.
    const isReady = await Promise.race([
      once(child, "message").then(() => true),
      once(child, "exit").then(() => false),
      delay(READY_LONGEST_MS, false, { ref: false }),
    ]);
    if (!isReady) {
      throw new Error(`the server did not get ready; its log ends:\n${await this.#logTail()}`);
    }
    child.disconnect();
  }

  /** The id of the server's process group; null while it does not run. */
  get group(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Where the server keeps its state. */
  get stateFolder(): string {
    return this.#options.stateFolder;
  }

  /** What became of the faults, as each who tells of them told last; `null` before anyone did. */
  async faultFigures(): Promise<FaultFigures | null> {
    const told = lastTold(await readFile(this.#logFile, "utf8"));
    return told.length === 0 ? null : sumOfFigures(told);
  }

  /** Kills every process of the group at once, without a word. */
  async kill(): Promise<void> {
    const gone = this.#gone();
    this.#signal("SIGKILL");
    await gone;
  }

  /** Stops the server in good order. */
  async stop(): Promise<void> {
    const gone = this.#gone();
    this.#signal("SIGTERM");
    await Promise.race([gone, delay(STOP_LONGEST_MS, null, { ref: false })]);
    this.#signal("SIGKILL");
    await gone;
  }

  async #gone(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    await once(child, "exit");
  }

  /** Signals the group: the Workers runtime is a child of the child. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      const isGone = error instanceof Error && "code" in error && error.code === "ESRCH";
      if (!isGone) throw error;
    }
  }

  async #logTail(): Promise<string> {
    return (await readFile(this.#logFile, "utf8")).slice(-LOG_TAIL_CHARACTERS);
  }
}
