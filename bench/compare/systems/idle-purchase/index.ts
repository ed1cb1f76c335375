import product, * as purchase from "../../../../workers/purchase/index.ts";

/*
 * Stands in for the purchase Worker's own module: the same, but items' pages are taken by a queue that
 * delivers nothing. What a purchase costs by itself is measured this way, not a way to run a shop.
 */

export {
  AuditLog,
  BooksService,
  ProviderBreaker,
  PurchaseService,
  SkuIntake,
} from "../../../../workers/purchase/index.ts";

export class Sku extends purchase.Sku {
  constructor(ctx: DurableObjectState, env: PurchaseEnv) {
    super(ctx, { ...env, LEDGER_QUEUE: deaf(env.LEDGER_QUEUE) });
  }
}

export default product;

function deaf(queue: Queue): Queue {
  const metadata = { metrics: { backlogCount: 0, backlogBytes: 0 } };
  return {
    send: async () => ({ metadata }),
    sendBatch: async () => ({ metadata }),
    metrics: () => queue.metrics(),
  };
}
