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

/** Counts from now on what every object of the process writes: none other is at work then. */
function countRows(sql: SqlStorage): void {
  const kind = Object.getPrototypeOf(sql) as SqlStorage;
  const { exec } = kind;
  kind.exec = function (this: SqlStorage, query, ...values) {
    const cursor = exec.call(this, query, ...values);
    rows = (rows ?? 0) + cursor.rowsWritten;
    return cursor as never;
  };
}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler<ItemEnv>;
