import type { TrailPage } from "../../../domain/books/trail.ts";
import { decodePage } from "../../../domain/purchase/ledger-page.ts";
import type { LedgerPage } from "../../../domain/purchase/ledger.ts";
import type { PaymentDue, PaymentStep } from "../../../domain/purchase/payment.ts";
import type { MessageWork, ReminderStep } from "../messages/send-due.ts";

/*
 * Whether a queue's message is what its consumer takes: it may be of another version, or not ours. One that
 * is not would fail at every try and take its whole batch along.
 */

const STEPS: ReadonlySet<unknown> = new Set<PaymentStep>([
  "authorise",
  "enquire",
  "capture",
  "void",
  "refund",
]);

/** Whether the body names a payment's step, and everything that it takes to ask for it. */
export function isPaymentDue(body: unknown): body is PaymentDue {
  if (!isObject(body)) return false;
  const { sku, orderId, attempt, step, token, amount, currency } = body;
  const texts = [sku, orderId, token, currency];
  const numbers = [attempt, amount];
  return (
    texts.every((text) => typeof text === "string") &&
    numbers.every((number) => Number.isSafeInteger(number)) &&
    STEPS.has(step)
  );
}

/** Whether the body is a page of an item's ledger. What its events are is judged one by one. */
export function isLedgerPage(body: unknown): body is LedgerPage {
  if (!isObject(body)) return false;
  const { saleId, sku, fromSequence, events, hashes } = body;
  return (
    typeof saleId === "string" &&
    typeof sku === "string" &&
    Number.isSafeInteger(fromSequence) &&
    Array.isArray(events) &&
    (hashes === undefined || areTexts(hashes))
  );
}

/** Whether the body is a page of a chain that is not an item's. */
export function isTrailPage(body: unknown): body is TrailPage {
  if (!isObject(body)) return false;
  const { chain, fromSequence, entries, hashes } = body;
  return (
    typeof chain === "string" &&
    Number.isSafeInteger(fromSequence) &&
    Array.isArray(entries) &&
    areTexts(hashes)
  );
}

/** Whether a message is a payment's; one that nobody can read is logged, and gone after this. */
export function isReadablePayment({ id, body }: Message): boolean {
  return isPaymentDue(body) || unreadable("payment.unreadable", id);
}

/** A message that brings a page. */
export type PageMessage = Pick<Message<LedgerPage | TrailPage>, "body" | "attempts" | "retry">;

/** The messages of a batch that bring a page, as a text or as its value; one that nobody can read is logged, and gone. */
export function pagesIn(batch: MessageBatch): PageMessage[] {
  return batch.messages.flatMap((message) => {
    const { attempts, body: given, id } = message;
    const body = typeof given === "string" ? decodePage(given) : given;
    if (!isLedgerPage(body) && !isTrailPage(body)) {
      unreadable("ledger.unreadable", id);
      return [];
    }
    return [{ body, attempts, retry: (options) => message.retry(options) }];
  });
}

/** Whether a message names one that is due, or a step of reminders; one that nobody can read is logged, and gone. */
export function isReadableMessage(message: Message): message is Message<MessageWork> {
  const { id, body } = message;
  if (isObject(body) && typeof body["eventId"] === "string") {
    const { shopper, saleId, atMs } = body;
    if (typeof shopper === "string") return true;
    if (typeof saleId === "string" && Number.isSafeInteger(atMs)) return true;
  }
  return unreadable("message.unreadable", id);
}

/** Whether it is a step of reminders. */
export function isReminderStep(work: MessageWork): work is ReminderStep {
  return "saleId" in work;
}

function unreadable(event: string, id: string): false {
  console.error({ event, id });
  return false;
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
