import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { installSocketGlobals } from "../platform/socket.ts";
import { guardGlobals } from "./guard.ts";
import { installLoader } from "./loader.ts";
import { ownErrorIn } from "./log.ts";
import { brokenResult, type Job, type ThreadData, type ThreadMessage } from "./protocol.ts";
import type { SeedResult } from "./seed.ts";

/*
 * A thread that plays plans, one after another. The loader and the guard come before the product's
 * code, so everything of that is imported late.
 */

/** What nobody caught while the current plan was played, or somebody did and only logged. */
let uncaught: string[] = [];

const loader = installLoader((workerData as ThreadData).patches);
const guard = guardGlobals();
installSocketGlobals();
// Every fault that the product meets is worth a warning to it, or an error; here they are made on purpose. What it
// logs of its own errors is not.
const listen = (entry: unknown): void => {
  const error = ownErrorIn(entry);
  if (error !== null) uncaught.push(error);
};
console.warn = listen;
console.error = listen;
console.info = () => {};
const { runPlan } = await import("./seed.ts");
loader.assertApplied();

const remember = (error: unknown): void => void uncaught.push(describe(error));
process.on("unhandledRejection", remember);
process.on("uncaughtException", remember);

async function play({ plan, keepHistory }: Job): Promise<SeedResult> {
  uncaught = [];
  guard.arm();
  let result: SeedResult;
  try {
    result = await runPlan(plan, keepHistory);
    // A rejection of the last step is reported after its microtasks.
    await nextTurn();
  } catch (error) {
    result = brokenResult(plan.seed, { invariant: "no_exceptions", detail: describe(error) });
  }
  const used = guard.disarm().map((what) => `${what} was used`);
  const found = [...used, ...uncaught].map((detail) => ({ invariant: "no_exceptions", detail }));
  return { ...result, violations: [...found, ...result.violations] };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}

function say(message: ThreadMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  parentPort?.postMessage(message);
}

parentPort?.on("message", (job: Job) => {
  void play(job).then((result) => say({ kind: "result", result }));
});
say({ kind: "ready" });
