import type { LedgerPage } from "../../domain/purchase/ledger.ts";
import type { PaymentDue } from "../../domain/purchase/payment.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import { consumePayments } from "./consumers/payments.ts";
import { consumeLedger } from "./consumers/projection.ts";
import { Sandbox } from "./providers/sandbox.ts";

export { Sku } from "../../durable-objects/sku.ts";
export { PurchaseService } from "./service.ts";

/** The Worker has no public surface: it is reached through bindings and queues. */
export default {
  fetch(): Response {
    return new Response(null, { status: 404 });
  },

  async queue(batch, env): Promise<void> {
    switch (batch.queue) {
      case "ropeline-ledger":
        return consumeLedger(env, batch as MessageBatch<LedgerPage>);
      case "ropeline-payments":
        return consumePayments(
          env,
          batch as MessageBatch<PaymentDue>,
          new Sandbox(env.DB, systemRuntime),
        );
      default:
        throw new Error(`No consumer for the queue ${batch.queue}.`);
    }
  },
} satisfies ExportedHandler<PurchaseEnv>;
