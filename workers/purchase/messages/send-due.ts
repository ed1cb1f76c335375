import {
  MESSAGE_PRIORITIES,
  type DueMessage,
  type MessagePriority,
  type MessageRef,
} from "../../../domain/messages/message.ts";

/** Messages that one call gives a queue, at the most (Queues limits). */
const SEND_MAX_MESSAGES = 100;

/** A step of telling who asked to be reminded of a sale that it has started. */
export interface ReminderStep {
  saleId: string;
  /** Of the entry that says so. */
  eventId: string;
  atMs: number;
}

/** What the queues of messages carry: which row is to be delivered, or the next step of reminders. */
export type MessageWork = MessageRef | ReminderStep;

/** The queues. */
export type MessageQueues = Pick<
  PurchaseEnv,
  "MESSAGE_QUEUE_HIGH" | "MESSAGE_QUEUE_NORMAL" | "MESSAGE_QUEUE_LOW"
>;

/**
 * Gives each message to the queue of its priority. Never fails: what no queue takes stays due, and the
 * minute's sweep finds it.
 */
export async function sendDue(env: MessageQueues, due: readonly DueMessage[]): Promise<void> {
  await Promise.all(
    MESSAGE_PRIORITIES.map((priority) =>
      send(
        env,
        priority,
        due
          .filter((message) => message.priority === priority)
          .map(({ eventId, shopper }) => ({ eventId, shopper })),
      ),
    ),
  );
}

/** Has the next reminders of a sale written. Never fails either. */
export function sendReminderStep(env: MessageQueues, step: ReminderStep): Promise<void> {
  return send(env, "low", [step]);
}

async function send(
  env: MessageQueues,
  priority: MessagePriority,
  work: readonly MessageWork[],
): Promise<void> {
  const queue = queueOf(env, priority);
  for (let from = 0; from < work.length; from += SEND_MAX_MESSAGES) {
    const bodies = work.slice(from, from + SEND_MAX_MESSAGES).map((body) => ({ body }));
    try {
      await queue.sendBatch(bodies);
    } catch (error) {
      const count = work.length - from;
      console.warn({ event: "messages.not_sent", priority, count, error: String(error) });
      return;
    }
  }
}

function queueOf(env: MessageQueues, priority: MessagePriority): Queue {
  switch (priority) {
    case "high":
      return env.MESSAGE_QUEUE_HIGH;
    case "normal":
      return env.MESSAGE_QUEUE_NORMAL;
    case "low":
      return env.MESSAGE_QUEUE_LOW;
  }
}
