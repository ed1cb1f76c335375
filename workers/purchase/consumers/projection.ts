import { sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { ledgerEvents, orders, stockLevels } from "../../../d1/schema.ts";
import type { LedgerPage, OrderRow } from "../../../domain/purchase/ledger.ts";
import { database, rowsOf } from "../database.ts";
import { writeMessages } from "../messages/outbox.ts";
import { isReadablePage } from "./messages.ts";

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
  const pages = batch.messages.filter(isReadablePage).map((message) => message.body);
  if (pages.length === 0) return;
  const db = database(env);
  await db.batch([
    writeOrders(db, newestOrders(pages)),
    writeEvents(db, pages),
    writeLevels(db, pages),
    writeMessages(db, pages),
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

const ORDER_FIELDS = [
  "orderId",
  "saleId",
  "sku",
  "shopper",
  "number",
  "quantity",
  "amount",
  "currency",
  "status",
  "version",
  "createdAtMs",
  "expiresAtMs",
  "updatedAtMs",
  "paymentState",
  "paymentAttempts",
  "paymentError",
  "paymentMethod",
  "paymentAttention",
  "paymentActionUrl",
] as const satisfies readonly (keyof OrderRow)[];

function writeOrders(db: DrizzleD1Database, rows: OrderRow[]) {
  return db
    .insert(orders)
    .select(rowsOf(rows, ORDER_FIELDS))
    .onConflictDoUpdate({
      target: orders.orderId,
      set: {
        status: sql`excluded.status`,
        version: sql`excluded.version`,
        updatedAtMs: sql`excluded.updated_at_ms`,
        paymentState: sql`excluded.payment_state`,
        paymentAttempts: sql`excluded.payment_attempts`,
        paymentError: sql`excluded.payment_error`,
        paymentMethod: sql`excluded.payment_method`,
        paymentAttention: sql`excluded.payment_attention`,
        paymentActionUrl: sql`excluded.payment_action_url`,
      },
      setWhere: sql`excluded.version > ${orders.version}`,
    });
}

function writeEvents(db: DrizzleD1Database, pages: LedgerPage[]) {
  const rows = pages.flatMap(({ saleId, sku, events, hashes }) =>
    events.map((event, index) => {
      const { sequence, atMs, type, order } = event;
      const orderId = order?.orderId ?? null;
      const hash = hashes?.[index] ?? null;
      return { sku, sequence, saleId, atMs, type, orderId, body: JSON.stringify(event), hash };
    }),
  );
  return db
    .insert(ledgerEvents)
    .select(rowsOf(rows, ["sku", "sequence", "saleId", "atMs", "type", "orderId", "body", "hash"]))
    .onConflictDoNothing();
}

function writeLevels(db: DrizzleD1Database, pages: LedgerPage[]) {
  const rows = pages.flatMap(({ saleId, sku, events }) => {
    const last = events.at(-1);
    return last ? [{ ...last.level, saleId, sku, sequence: last.sequence }] : [];
  });
  return db
    .insert(stockLevels)
    .select(rowsOf(rows, ["sku", "saleId", "sequence", "stock", "available", "held", "sold"]))
    .onConflictDoUpdate({
      target: stockLevels.sku,
      set: {
        sequence: sql`excluded.sequence`,
        stock: sql`excluded.stock`,
        available: sql`excluded.available`,
        held: sql`excluded.held`,
        sold: sql`excluded.sold`,
      },
      setWhere: sql`excluded.sequence > ${stockLevels.sequence}`,
    });
}
