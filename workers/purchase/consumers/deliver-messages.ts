import type { MessageFacts, MessageRef } from "../../../domain/messages/message.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import {
  outgoingMessage,
  type Delivery,
  type MessageAdapter,
  type OutgoingMessage,
} from "../messages/adapter.ts";
import { markDead, markTried, readDue, type DueRow, type Outcome } from "../messages/due.ts";
import { tellReminders } from "../messages/reminders.ts";
import type { MessageQueues, MessageWork } from "../messages/send-due.ts";
import { isReadableMessage, isReminderStep } from "./messages.ts";

/** A message that failed comes again after one second, then after twice as long each time, up to this. */
const BACKOFF_MAX_SECONDS = 300;

/** The bindings that the consumers use. */
export type MessagesEnv = Pick<PurchaseEnv, "DB"> & MessageQueues;

/**
 * Delivers the messages of a batch that are still due, and writes down what became of them, once. One that
 * fails comes again by itself and holds up no other; what was delivered before is not delivered again.
 *
 * @throws when the database or the adapter is away: the whole batch comes again.
 */
export async function deliverMessages(
  env: MessagesEnv,
  batch: MessageBatch<MessageWork>,
  adapter: MessageAdapter,
  runtime: Runtime,
): Promise<void> {
  const readable = batch.messages.filter(isReadableMessage);
  for (const { body } of readable)
    if (isReminderStep(body)) await tellReminders(env, body, runtime);
  // Of one that came twice, one copy goes on.
  const messages = new Map(readable.map((message) => [nameOf(message.body), message]));
  const rows = await readDue(env, refsOf([...messages.values()]));
  if (rows.length === 0) return;
  const deliveries = await deliver(adapter, rows);
  const nowMs = runtime.now();
  const outcomes = rows.map((row, index) => outcomeOf(row, deliveries[index], nowMs));
  await markTried(env, outcomes);
  for (const [index, { eventId, shopper, state, error }] of outcomes.entries()) {
    if (state === "sent") continue;
    const delaySeconds = backoffSeconds(rows[index]?.attempts ?? 0);
    console.warn({ event: "message.failed", eventId, delaySeconds, error });
    messages.get(nameOf({ eventId, shopper }))?.retry({ delaySeconds });
  }
}

/** Puts messages before a person that their queue has given up. */
export async function consumeDeadMessages(
  env: Pick<PurchaseEnv, "DB">,
  batch: MessageBatch<MessageWork>,
  runtime: Pick<Runtime, "now">,
): Promise<void> {
  const refs = refsOf(batch.messages.filter(isReadableMessage));
  if (refs.length === 0) return;
  const dead = await markDead(env, refs, runtime.now());
  console.error({ event: "messages.dead", given: refs.length, dead });
}

/** The rows that messages name; a step of reminders names none, and is made again by the minute's round. */
function refsOf(messages: readonly Message<MessageWork>[]): MessageRef[] {
  return messages.flatMap(({ body }) => (isReminderStep(body) ? [] : [body]));
}

/** Has the adapter deliver every row that can be written, and says of each what became of it. */
async function deliver(adapter: MessageAdapter, rows: readonly DueRow[]): Promise<Delivery[]> {
  const written = rows.map(write);
  const outgoing = written.filter((one) => "subject" in one);
  const delivered = outgoing.length === 0 ? [] : await adapter.deliver(outgoing);
  return written.map((one) =>
    "subject" in one
      ? (delivered.shift() ?? { kind: "failed", why: "The adapter said nothing of it." })
      : one,
  );
}

function write(row: DueRow): OutgoingMessage | (Delivery & { kind: "failed" }) {
  try {
    return outgoingMessage(row, JSON.parse(row.facts) as MessageFacts, row);
  } catch (error) {
    return { kind: "failed", why: `It cannot be written: ${String(error)}` };
  }
}

function outcomeOf(row: DueRow, delivery: Delivery | undefined, nowMs: number): Outcome {
  const { eventId, shopper, attempts } = row;
  if (delivery?.kind === "delivered") {
    const { note = null } = delivery;
    return { eventId, shopper, state: "sent", nextAtMs: nowMs, sentAtMs: nowMs, error: note };
  }
  const nextAtMs = nowMs + backoffSeconds(attempts) * 1_000;
  const error = delivery?.why ?? null;
  return { eventId, shopper, state: "due", nextAtMs, sentAtMs: null, error };
}

function backoffSeconds(attempts: number): number {
  return Math.min(2 ** attempts, BACKOFF_MAX_SECONDS);
}

function nameOf(work: MessageWork): string {
  return isReminderStep(work) ? work.eventId : `${work.eventId} ${work.shopper}`;
}
