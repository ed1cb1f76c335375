import { sql, type SQL } from "drizzle-orm";
import type { LedgerPage, OrderRow } from "../../../domain/purchase/ledger.ts";
import { messageOf } from "../../../domain/purchase/message.ts";
import { database } from "../database.ts";

/*
 * Ledger pages into D1. Events carry whole rows and a version, and the higher version wins, so that
 * pages may come twice, late and out of order. Rows travel as one JSON parameter a table: D1 takes at
 * most 100 parameters a statement.
 */

/** Writes a batch of pages in one transaction, then acknowledges each to its item. */
export async function consumeLedger(
  env: PurchaseEnv,
  batch: MessageBatch<LedgerPage>,
): Promise<void> {
  const pages = batch.messages.map((message) => message.body);
  const db = database(env);
  await db.batch([
    db.run(writeOrders(pages)),
    db.run(writeEvents(pages)),
    db.run(writeLevels(pages)),
    db.run(writeMessages(pages)),
  ]);
  for (const { sku, fromSequence, events } of pages)
    await env.SKU.getByName(sku).acked(fromSequence, fromSequence + events.length - 1);
}

/** The newest row of every order in these pages. */
function newestOrders(pages: LedgerPage[]): OrderRow[] {
  const newest = new Map<string, OrderRow>();
  for (const { events } of pages)
    for (const { order } of events)
      if (order && order.version > (newest.get(order.orderId)?.version ?? 0))
        newest.set(order.orderId, order);
  return [...newest.values()];
}

function writeOrders(pages: LedgerPage[]): SQL {
  return sql`
    INSERT INTO orders (order_id, sale_id, sku, shopper, number, quantity, amount, currency, status,
      version, created_at_ms, expires_at_ms, updated_at_ms, payment_state, payment_attempts,
      payment_error)
    SELECT value ->> 'orderId', value ->> 'saleId', value ->> 'sku', value ->> 'shopper',
      value ->> 'number', value ->> 'quantity', value ->> 'amount', value ->> 'currency',
      value ->> 'status', value ->> 'version', value ->> 'createdAtMs', value ->> 'expiresAtMs',
      value ->> 'updatedAtMs', value ->> 'paymentState', value ->> 'paymentAttempts',
      value ->> 'paymentError'
    FROM json_each(${JSON.stringify(newestOrders(pages))})
    WHERE true
    ON CONFLICT (order_id) DO UPDATE SET
      status = excluded.status, version = excluded.version,
      updated_at_ms = excluded.updated_at_ms, payment_state = excluded.payment_state,
      payment_attempts = excluded.payment_attempts, payment_error = excluded.payment_error
    WHERE excluded.version > orders.version`;
}

function writeEvents(pages: LedgerPage[]): SQL {
  const rows = pages.flatMap(({ saleId, sku, events }) =>
    events.map((event) => {
      const { sequence, atMs, type, order } = event;
      const orderId = order?.orderId ?? null;
      return { sku, sequence, saleId, atMs, type, orderId, body: JSON.stringify(event) };
    }),
  );
  return sql`
    INSERT INTO ledger_event (sku, sequence, sale_id, at_ms, type, order_id, body)
    SELECT value ->> 'sku', value ->> 'sequence', value ->> 'saleId', value ->> 'atMs',
      value ->> 'type', value ->> 'orderId', value ->> 'body'
    FROM json_each(${JSON.stringify(rows)})
    WHERE true
    ON CONFLICT DO NOTHING`;
}

function writeLevels(pages: LedgerPage[]): SQL {
  const rows = pages.flatMap(({ saleId, sku, events }) => {
    const last = events.at(-1);
    return last ? [{ saleId, sku, sequence: last.sequence, level: last.level }] : [];
  });
  return sql`
    INSERT INTO stock_level (sku, sale_id, sequence, stock, available, held, sold)
    SELECT value ->> 'sku', value ->> 'saleId', value ->> 'sequence', value ->> '$.level.stock',
      value ->> '$.level.available', value ->> '$.level.held', value ->> '$.level.sold'
    FROM json_each(${JSON.stringify(rows)})
    WHERE true
    ON CONFLICT (sku) DO UPDATE SET
      sequence = excluded.sequence, stock = excluded.stock, available = excluded.available,
      held = excluded.held, sold = excluded.sold
    WHERE excluded.sequence > stock_level.sequence`;
}

function writeMessages(pages: LedgerPage[]): SQL {
  const rows = pages.flatMap(({ events }) =>
    events.flatMap(({ type, atMs, order }) => {
      const template = messageOf(type);
      if (!template || !order) return [];
      const { orderId, shopper } = order;
      return [{ orderId, shopper, atMs, ...template }];
    }),
  );
  return sql`
    INSERT INTO message (order_id, kind, shopper, subject, created_at_ms)
    SELECT value ->> 'orderId', value ->> 'kind', value ->> 'shopper', value ->> 'subject',
      value ->> 'atMs'
    FROM json_each(${JSON.stringify(rows)})
    WHERE true
    ON CONFLICT DO NOTHING`;
}
