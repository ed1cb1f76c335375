import { Sku as ProductSku, type SkuEnv } from "../../durable-objects/sku.ts";
import type { Taker } from "./load-worker.ts";

/** What takes the item's pages and reports: it runs in the other process. */
interface ItemEnv {
  TAKER: Service<typeof Taker>;
}

/** Rows that were written since they are counted. */
let rows: number | null = null;
const SENT = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };

/** The product's item. Its queue and its line are in the process of those who call it, so that only its own work is here. */
export class Sku extends ProductSku {
  constructor(ctx: DurableObjectState, { TAKER }: ItemEnv) {
    const env = {
      LEDGER_QUEUE: { send: (page: never) => TAKER.page(page).then(() => SENT) },
      PAYMENT_QUEUE: { sendBatch: () => Promise.resolve(SENT) },
      QUEUE_SEQUENCER: { getByName: () => ({ report: (told: never) => TAKER.report(told) }) },
    };
    super(ctx, env as unknown as SkuEnv);
  }

  /** Rows of tables and indexes that were written since this was asked first. It costs time. */
  rowsWritten(): number {
    if (rows === null) countRows(this.ctx.storage.sql);
    return (rows ??= 0);
  }
}

function countRows(sql: SqlStorage): void {
  const exec = sql.exec.bind(sql);
  const counted: typeof exec = (query, ...values) => {
    const cursor = exec(query, ...values);
    rows = (rows ?? 0) + cursor.rowsWritten;
    return cursor as never;
  };
  Object.defineProperty(sql, "exec", { value: counted });
}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler<ItemEnv>;
