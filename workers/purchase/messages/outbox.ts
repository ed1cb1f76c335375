import type { DrizzleD1Database } from "drizzle-orm/d1";
import { messages } from "../../../d1/schema.ts";
import { eventId, itemChain } from "../../../domain/books/chain.ts";
import type { LedgerPage } from "../../../domain/purchase/ledger.ts";
import { messageOf } from "../../../domain/purchase/message.ts";
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
      const template = messageOf(type);
      if (!template || !order) return [];
      const { orderId, shopper, quantity, amount, currency, expiresAtMs } = order;
      const facts = JSON.stringify({ quantity, amount, currency, expiresAtMs });
      const named = { eventId: eventId(itemChain(sku), sequence), shopper, saleId, sku, orderId };
      const { kind, priority } = template;
      const undelivered = { state: "due", attempts: 0, nextAtMs: atMs };
      return [{ ...named, kind, priority, createdAtMs: atMs, facts, ...undelivered }];
    }),
  );
  return db.insert(messages).select(rowsOf(rows, MESSAGE_FIELDS)).onConflictDoNothing();
}
