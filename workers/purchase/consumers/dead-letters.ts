import type { PaymentDue } from "../../../domain/purchase/payment.ts";
import { systemRuntime, type Runtime } from "../../../durable-objects/runtime.ts";
import { extentOf } from "../books/reading.ts";
import { unwritablePage } from "../books/unwritable.ts";
import type { MailTable } from "../messages/adapter.ts";
import { isReadablePayment, pagesIn } from "./messages.ts";
import { leaveDue, Projection, type BooksPage, type SendDue } from "./projection.ts";

/*
 * What consumers have failed at to the last try. Nothing is lost with such a message: the item sends pages
 * from its mark, and asks for payments by its own schedule. Here somebody is told.
 */

/** An item that could not be reached is tried again this much later. */
const RETRY_DELAY_SECONDS = 30;
/** Pages that were given up while the database was away are tried again this much later. */
const PAGES_RETRY_DELAY_SECONDS = 60;
/** A page that fails at so many deliveries, and twice at the last, is at fault itself: a person looks. */
const PAGES_TRIES = 4;

/** Puts each payment before a person, through its item, unless it has moved on meanwhile. */
export async function consumeDeadPayments(
  env: Pick<PurchaseEnv, "SKU">,
  batch: MessageBatch<PaymentDue>,
): Promise<void> {
  for (const message of batch.messages.filter(isReadablePayment)) {
    const { body } = message;
    const { sku, orderId, step, attempt } = body;
    try {
      const answer = await env.SKU.getByName(sku).paymentDead(body);
      const isAttended = answer.ok && answer.needsAttention;
      console.error({ event: "payment.dead", sku, orderId, step, attempt, isAttended });
    } catch (error) {
      console.warn({ event: "payment.dead_failed", orderId, error: String(error) });
      message.retry({ delaySeconds: RETRY_DELAY_SECONDS });
    }
  }
}

/**
 * Tries pages again. What is not written in several tries although the database is well is put before a person: its
 * owner sends it again for ever, and nothing behind it counts as written. Whoever writes it later resolves that.
 */
export async function consumeDeadPages(
  env: PurchaseEnv,
  batch: MessageBatch<BooksPage>,
  sendDue: SendDue = leaveDue,
  runtime: Pick<Runtime, "now"> = systemRuntime,
  mail: MailTable | null = null,
): Promise<void> {
  const projection = new Projection(env, runtime, sendDue, mail);
  for (const message of pagesIn(batch)) {
    const error = await projection.write([message]);
    if (error === null) continue;
    console.error({ event: "ledger.dead", ...extentOf(message.body), error });
    const mayBeAtFault = message.attempts >= PAGES_TRIES && (await projection.isWell());
    if (mayBeAtFault && (await projection.write([message])) === null) continue;
    if (mayBeAtFault && (await projection.isWell([unwritablePage(message.body, error)]))) continue;
    message.retry({ delaySeconds: PAGES_RETRY_DELAY_SECONDS });
  }
}
