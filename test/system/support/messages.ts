import type { MessageFacts, MessageRef } from "../../../domain/messages/message.ts";
import { deliverMessages } from "../../../workers/purchase/consumers/deliver-messages.ts";
import type {
  Delivery,
  MessageAdapter,
  OutgoingMessage,
} from "../../../workers/purchase/messages/adapter.ts";
import { Mailbox } from "../../../workers/purchase/messages/mailbox.ts";
import type { MessageWork } from "../../../workers/purchase/messages/send-due.ts";
import { bindings, uniqueName } from "./objects.ts";
import { MINUTE_MS, NOON_MS } from "./samples.ts";

const { DB } = bindings;

/** The clock of the test, and no timer. */
export const runtime = {
  now: () => Date.now(),
  setTimer: () => 0,
  clearTimer: () => undefined,
  randomBytes: (length: number) => new Uint8Array(length),
};
const FACTS: MessageFacts = {
  quantity: 2,
  amount: 99_800,
  currency: "EUR",
  expiresAtMs: NOON_MS + 2 * MINUTE_MS,
};

/** Bindings whose queues keep what they are given. */
export function envWithQueues(isDown: () => boolean = () => false) {
  const sent: Record<"high" | "normal" | "low", MessageWork[]> = { high: [], normal: [], low: [] };
  const queue = (into: MessageWork[]) => ({
    sendBatch(bodies: { body: MessageWork }[]) {
      if (isDown()) return Promise.reject(new Error("no queue"));
      if (bodies.length > 100) return Promise.reject(new Error("too many messages"));
      into.push(...bodies.map(({ body }) => body));
      return Promise.resolve();
    },
  });
  const queues = {
    MESSAGE_QUEUE_HIGH: queue(sent.high),
    MESSAGE_QUEUE_NORMAL: queue(sent.normal),
    MESSAGE_QUEUE_LOW: queue(sent.low),
  };
  return { sent, env: { ...bindings, ...queues } as unknown as PurchaseEnv };
}

const { env } = envWithQueues();

/** Whom some work is about. */
export function shoppersOf(work: MessageWork[]): string[] {
  return work.map((one) => ("shopper" in one ? one.shopper : ""));
}

/** The mailbox, which notes whom it was asked to deliver to and fails at what a test says. */
export class Watched implements MessageAdapter {
  delivered: string[] = [];
  failing: (message: OutgoingMessage) => boolean = () => false;
  readonly #mailbox = new Mailbox(bindings);

  async deliver(messages: readonly OutgoingMessage[]): Promise<Delivery[]> {
    await this.#mailbox.deliver(messages);
    return messages.map((message): Delivery => {
      if (this.failing(message)) return { kind: "failed", why: "E_INTERNAL_SERVER_ERROR" };
      this.delivered.push(message.shopper);
      return { kind: "delivered" };
    });
  }
}

/** Messages of some kind that are due now, one a shopper. */
export async function due(shoppers: string[], changes: Record<string, unknown> = {}) {
  const eventId = `item/${uniqueName("told")}/1`;
  const row = {
    kind: "reserved",
    priority: "high",
    sale_id: "drop",
    sku: "phone",
    order_id: "phone.1",
    created_at_ms: NOON_MS,
    facts: JSON.stringify(FACTS),
    next_at_ms: NOON_MS,
    ...changes,
  };
  const columns = Object.keys(row);
  await DB.prepare(
    `INSERT INTO message (event_id, shopper, ${columns.join(", ")})
     SELECT ?, value, ${columns.map(() => "?").join(", ")} FROM json_each(?)`,
  )
    .bind(eventId, ...Object.values(row), JSON.stringify(shoppers))
    .run();
  return shoppers.map((shopper): MessageRef => ({ eventId, shopper }));
}

/** Hands a batch to the consumer; which messages are to come again, and after how many seconds. */
export async function consume(work: MessageWork[], adapter: MessageAdapter, with_ = env) {
  const retried: [index: number, delaySeconds: number | undefined][] = [];
  const messages = work.map((body, index) => ({
    id: String(index),
    body,
    retry: ({ delaySeconds }: QueueRetryOptions) => retried.push([index, delaySeconds]),
  }));
  const batch = { queue: "ropeline-messages-high", messages } as unknown;
  await deliverMessages(with_, batch as MessageBatch<MessageWork>, adapter, runtime);
  return retried;
}

/** What became of the messages of an event. */
export function messagesOf(eventId: string) {
  return DB.prepare(
    `SELECT shopper, state, attempts, next_at_ms AS nextAtMs, sent_at_ms AS sentAtMs, error
     FROM message WHERE event_id = ? ORDER BY shopper`,
  )
    .bind(eventId)
    .all()
    .then(({ results }) => results);
}

/** What the mailboxes have of an event. */
export function mailOf(eventId: string) {
  return DB.prepare(
    "SELECT shopper, kind, subject, text, at_ms AS atMs FROM notification WHERE event_id = ? ORDER BY shopper",
  )
    .bind(eventId)
    .all()
    .then(({ results }) => results);
}
