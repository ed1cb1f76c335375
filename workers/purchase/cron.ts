import type { Runtime } from "../../durable-objects/runtime.ts";
import { reconcileDue } from "./books/reconcile.ts";
import { anchorChains } from "./books/anchor.ts";
import { remindDue } from "./messages/reminders.ts";
import { sweepMessages } from "./messages/sweep.ts";

/** What is done every minute; each on its own, so that one that fails keeps none from its turn. */
const TASKS: readonly {
  name: string;
  run: (env: PurchaseEnv, runtime: Runtime) => Promise<void>;
}[] = [
  { name: "anchor", run: anchorChains },
  { name: "messages.sweep", run: sweepMessages },
  { name: "messages.remind", run: remindDue },
  { name: "books.reconcile", run: reconcileDue },
];

/** Does what is due every minute. */
export async function runEveryMinute(env: PurchaseEnv, runtime: Runtime): Promise<void> {
  for (const { name, run } of TASKS) {
    try {
      await run(env, runtime);
    } catch (error) {
      console.error({ event: "cron.failed", name, error: String(error) });
    }
  }
}
