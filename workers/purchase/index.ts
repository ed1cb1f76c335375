import type { LedgerPage } from "../../domain/purchase/ledger.ts";
import type { PaymentDue } from "../../domain/purchase/payment.ts";
import { scheduleOf } from "../../domain/purchase/schedule.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import { consumePayments } from "./consumers/payments.ts";
import { consumeLedger } from "./consumers/projection.ts";
import { bounded } from "./providers/bounded.ts";
import { Sandbox } from "./providers/sandbox.ts";

export { Sku } from "../../durable-objects/sku.ts";
export { PurchaseService } from "./service.ts";

/** The Worker has no public surface: it is reached through bindings and queues. */
export default {
  fetch(): Response {
    return new Response(null, { status: 404 });
  },

  async queue(batch, env): Promise<void> {
    try {
      await consume(batch, env);
    } catch (error) {
      console.error({ event: "consumer.failed", queue: batch.queue, error: String(error) });
      throw error;
    }
  },
} satisfies ExportedHandler<PurchaseEnv>;

function consume(batch: MessageBatch, env: PurchaseEnv): Promise<void> {
  switch (batch.queue) {
    case "ropeline-ledger":
      return consumeLedger(env, batch as MessageBatch<LedgerPage>);
    case "ropeline-payments": {
      const schedule = scheduleOf(env);
      const provider = bounded(
        new Sandbox(env.DB, systemRuntime, schedule),
        systemRuntime,
        schedule.providerTimeoutMs,
      );
      return consumePayments(env, batch as MessageBatch<PaymentDue>, provider);
    }
    default:
      throw new Error(`No consumer for the queue ${batch.queue}.`);
  }
}
