import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Plan } from "../plan/plan.ts";
import type { SourcePatch } from "./loader.ts";
import { whenItHad } from "./lifetime.ts";
import { brokenResult, type Job, type ThreadData, type ThreadMessage } from "./protocol.ts";
import type { SeedResult } from "./seed.ts";

const WORKER_FILE = join(import.meta.dirname, "worker.ts");
/** A turn that never ends stops the clock of its sale; a seed takes well under a second of its thread otherwise. */
const ANSWER_MAX_MS = 120_000;

/** What is made in a turn is seldom needed after it: room for that spares a twelfth of the time. */
const YOUNG_MAX_MB = 64;

/** One thread with a module graph of its own, started when it is first needed. */
export class SimulationThread {
  readonly #patches: readonly SourcePatch[];
  readonly #answerMaxMs: number;
  #worker: Worker | null = null;
  #isStopped = false;

  /** @param patches changes of the source that this thread runs. */
  constructor(patches: readonly SourcePatch[] = [], answerMaxMs = ANSWER_MAX_MS) {
    this.#patches = patches;
    this.#answerMaxMs = answerMaxMs;
  }

  /**
   * Plays a plan; one at a time. A thread that dies or hangs over it is a broken promise of that plan,
   * and the next plan gets a new thread. `null` once the thread was stopped.
   *
   * @throws Error when the code cannot be loaded, as with a patch that does not fit.
   */
  async run(plan: Plan, keepHistory = false): Promise<SeedResult | null> {
    if (this.#isStopped) return null;
    try {
      const worker = this.#worker ?? (await this.#start());
      return await this.#ask(worker, { plan, keepHistory });
    } catch (error) {
      if (this.#isStopped) return null;
      throw error;
    }
  }

  /** Ends the thread, whatever it is doing. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#worker?.terminate();
  }

  async #start(): Promise<Worker> {
    const workerData: ThreadData = { patches: this.#patches };
    const worker = new Worker(WORKER_FILE, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MAX_MB },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#worker = worker;
    const ended = new AbortController();
    worker.once("exit", () => ended.abort());
    // Rejects with the error that the thread's code could not be loaded for.
    await once(worker, "message", { signal: ended.signal });
    return worker;
  }

  #ask(worker: Worker, job: Job): Promise<SeedResult> {
    return new Promise((resolve, reject) => {
      const broken = (invariant: string, detail: string): void => {
        this.#worker = null;
        void worker.terminate();
        settle(brokenResult(job.plan.seed, { invariant, detail }));
      };
      const maxMs = this.#answerMaxMs * job.plan.rounds;
      const giveUp = whenItHad(worker, maxMs, () =>
        broken("bounded", `no answer within ${maxMs / 1000} s that its thread had`),
      );
      const answered = (message: ThreadMessage): void => {
        if (message.kind === "result") settle(message.result);
      };
      const died = (error: unknown): void =>
        broken("no_exceptions", `the thread died: ${String(error)}`);
      const exited = (): void => {
        if (!this.#isStopped) return died("it exited");
        release();
        reject(new Error("The thread was stopped."));
      };
      const release = (): void => {
        giveUp();
        worker.off("message", answered).off("error", died).off("exit", exited);
      };
      const settle = (result: SeedResult): void => {
        release();
        resolve(result);
      };
      worker.on("message", answered).on("error", died).on("exit", exited);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
      worker.postMessage(job);
    });
  }
}

/** Lends a thread, and ends it afterwards or when the signal is aborted. */
export async function withThread<Result>(
  { patches, signal }: { patches?: readonly SourcePatch[]; signal?: AbortSignal | undefined },
  use: (thread: SimulationThread) => Promise<Result>,
): Promise<Result> {
  const thread = new SimulationThread(patches);
  const stop = (): void => void thread.stop();
  signal?.addEventListener("abort", stop);
  try {
    return await use(thread);
  } finally {
    signal?.removeEventListener("abort", stop);
    await thread.stop();
  }
}
