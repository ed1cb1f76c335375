import type { PaymentDue, PaymentStep } from "../../../domain/purchase/payment.ts";
import type { PaymentProvider, PaymentRequest } from "../providers/provider.ts";

/** Steps of one message, at the most: enquire, void, and where that was too late refund. */
const STEPS_MAX = 3;

/**
 * Asks the provider and reports to the item, which decides and is the only one to remember. A message
 * that fails here is not retried by the queue: the item's alarm emits it again on its own schedule.
 */
export async function consumePayments(
  env: PurchaseEnv,
  batch: MessageBatch<PaymentDue>,
  provider: PaymentProvider,
): Promise<void> {
  const settled = await Promise.allSettled(
    batch.messages.map((message) => settle(env, message.body, provider)),
  );
  for (const result of settled)
    if (result.status === "rejected")
      console.warn({ event: "payment.failed", error: String(result.reason) });
}

async function settle(env: PurchaseEnv, due: PaymentDue, provider: PaymentProvider): Promise<void> {
  const { sku, orderId, attempt, token, amount, currency } = due;
  const idempotencyKey = `${orderId}:${attempt}`;
  const request: PaymentRequest = { orderId, idempotencyKey, token, amount, currency };
  let step: PaymentStep | null = due.step;
  for (let taken = 0; step && taken < STEPS_MAX; taken++) {
    const outcome = await provider[step](request);
    const report = await env.SKU.getByName(sku).paymentResult(orderId, attempt, outcome);
    step = report.ok && outcome.kind !== "unknown" ? report.next : null;
  }
}
