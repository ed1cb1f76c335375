import type { Runtime } from "../../../durable-objects/runtime.ts";
import { leaseDue } from "./due.ts";
import { sendDue, type MessageQueues } from "./send-due.ts";

/** A message that is due for this long was lost on its way, or waits behind very many. */
const OVERDUE_MS = 30_000;
/** What is swept is left to its queue for this long: it may wait there behind others. */
const LEASE_MS = 120_000;
/** Rows of one statement: some milliseconds of D1. */
const STEP_ROWS = 500;
/** Steps of one round: with more lost, the next minute goes on. */
const STEPS_MAX = 10;

/** Sends again what is due and overdue: whatever a queue has lost, or never took. */
export async function sweepMessages(
  env: Pick<PurchaseEnv, "DB"> & MessageQueues,
  runtime: Pick<Runtime, "now">,
): Promise<void> {
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const nowMs = runtime.now();
    const due = await leaseDue(env, nowMs - OVERDUE_MS, nowMs + LEASE_MS, STEP_ROWS);
    if (due.length === 0) return;
    console.warn({ event: "messages.swept", count: due.length });
    await sendDue(env, due);
    if (due.length < STEP_ROWS) return;
  }
}
