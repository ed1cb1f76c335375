import type { PaymentDue } from "../../domain/purchase/payment.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import { consumeDeadPages, consumeDeadPayments } from "./consumers/dead-letters.ts";
import { consumeDeadMessages, deliverMessages } from "./consumers/deliver-messages.ts";
import { consumePayments } from "./consumers/payments.ts";
import { consumeLedger, type BooksPage } from "./consumers/projection.ts";
import { runEveryMinute } from "./cron.ts";
import { adapterOf, mailTableOf } from "./messages/index.ts";
import { startReminders } from "./messages/reminders.ts";
import { sendDue, type MessageWork } from "./messages/send-due.ts";
import { breakerOf } from "./providers/breaker.ts";
import { providerOf } from "./providers/index.ts";

export { AuditLog } from "../../durable-objects/audit-log.ts";
export { ProviderBreaker } from "../../durable-objects/provider-breaker.ts";
export { Sku } from "../../durable-objects/sku.ts";
export { SkuIntake } from "../../durable-objects/sku-intake.ts";
export { BooksService } from "./books-service.ts";
export { PurchaseService } from "./service.ts";

/** The Worker has no public surface: it is reached through bindings and queues. */
export default {
  fetch(): Response {
    return new Response(null, { status: 404 });
  },

  async scheduled(_controller, env): Promise<void> {
    await runEveryMinute(env, systemRuntime);
  },

  async queue(batch, env, ctx): Promise<void> {
    try {
      await consume(batch, env, ctx);
    } catch (error) {
      console.error({ event: "consumer.failed", queue: batch.queue, error: String(error) });
      throw error;
    }
  },
} satisfies ExportedHandler<PurchaseEnv>;

async function consume(
  batch: MessageBatch,
  env: PurchaseEnv,
  ctx: ExecutionContext,
): Promise<void> {
  switch (batch.queue) {
    case "ropeline-ledger":
    case "ropeline-ledger-dead": {
      const write = batch.queue === "ropeline-ledger" ? consumeLedger : consumeDeadPages;
      const pages = batch as MessageBatch<BooksPage>;
      await write(env, pages, (due) => sendDue(env, due), systemRuntime, mailTableOf(env));
      return startReminders(env, batch);
    }
    case "ropeline-payments": {
      const provider = providerOf(env, systemRuntime, (work) => ctx.waitUntil(work));
      const breaker = breakerOf(env, systemRuntime);
      return consumePayments(env, batch as MessageBatch<PaymentDue>, provider, breaker);
    }
    case "ropeline-messages-high":
    case "ropeline-messages-normal":
    case "ropeline-messages-low": {
      const adapter = adapterOf(env, systemRuntime);
      return deliverMessages(env, batch as MessageBatch<MessageWork>, adapter, systemRuntime);
    }
    case "ropeline-messages-dead":
      return consumeDeadMessages(env, batch as MessageBatch<MessageWork>, systemRuntime);
    case "ropeline-payments-dead":
      return consumeDeadPayments(env, batch as MessageBatch<PaymentDue>);
    default:
      throw new Error(`No consumer for the queue ${batch.queue}.`);
  }
}
