import type { PaymentDue } from "../../../domain/purchase/payment.ts";
import { isReadablePayment } from "./messages.ts";

/*
 * What consumers have failed at to the last try. Nothing is lost with such a message: the item sends pages
 * from its mark, and asks for payments by its own schedule. Here somebody is told.
 */

/** An item that could not be reached is tried again this much later. */
const RETRY_DELAY_SECONDS = 30;

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
