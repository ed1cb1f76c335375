import type { DrizzleD1Database } from "drizzle-orm/d1";
import { messages } from "../../../d1/schema.ts";
import { eventId, itemChain } from "../../../domain/books/chain.ts";
import type { LedgerPage } from "../../../domain/purchase/ledger.ts";
import { factsOf, kindOf, priorityOf } from "../../../domain/messages/message.ts";
import { rowsOf } from "../database.ts";

/** In the order of the table's columns. */
const MESSAGE_FIELDS = [
  "eventId",
  "shopper",
  "kind",
  "priority",
  "saleId",
  "sku",
  "orderId",
  "createdAtMs",
  "facts",
  "state",
  "attempts",
  "nextAtMs",
  "sentAtMs",
  "error",
];

/** Writes what these events tell shoppers: one row an event and shopper, however often it comes. */
export function writeMessages(db: DrizzleD1Database, pages: LedgerPage[]) {
  const rows = pages.flatMap(({ saleId, sku, events }) =>
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
  return db.insert(messages).select(rowsOf(rows, MESSAGE_FIELDS)).onConflictDoNothing();
}
