import { getTableColumns, sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { eventId, itemChain } from "../../../domain/books/chain.ts";
import type { LedgerPage } from "../../../domain/purchase/ledger.ts";
import {
  factsOf,
  kindOf,
  priorityOf,
  type MessagePriority,
} from "../../../domain/messages/message.ts";
import type { BooksTables } from "../books/tables.ts";
import { rowsOf } from "../database.ts";

/** Writes what these events tell shoppers: one row an event and shopper, however often it comes; tells which are new. */
export function writeMessages(
  db: DrizzleD1Database,
  table: BooksTables["messages"],
  items: readonly Pick<LedgerPage, "saleId" | "sku" | "events">[],
) {
  const rows = items.flatMap(({ saleId, sku, events }) =>
    events.flatMap(({ type, sequence, atMs, order }) => {
      const kind = kindOf(type);
      if (!kind || !order) return [];
      const { orderId, shopper } = order;
      const facts = JSON.stringify(factsOf(order));
      const named = { eventId: eventId(itemChain(sku), sequence), shopper, saleId, sku, orderId };
      const priority = priorityOf(kind);
      const undelivered = { state: "due", attempts: 0, nextAtMs: atMs };
      return [{ ...named, kind, priority, createdAtMs: atMs, facts, ...undelivered }];
    }),
  );
  return db
    .insert(table)
    .select(rowsOf(rows, Object.keys(getTableColumns(table))))
    .onConflictDoNothing()
    .returning({
      eventId: table.eventId,
      shopper: table.shopper,
      priority: sql<MessagePriority>`priority`,
    });
}
