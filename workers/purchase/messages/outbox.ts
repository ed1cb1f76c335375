import { getTableColumns, sql } from "drizzle-orm";
import { eventId, itemChain } from "../../../domain/books/chain.ts";
import type { LedgerPage } from "../../../domain/purchase/ledger.ts";
import {
  factsOf,
  kindOf,
  priorityOf,
  type DueMessage,
  type MessageFacts,
  type MessageKind,
  type MessagePriority,
  type MessageRef,
} from "../../../domain/messages/message.ts";
import type { BooksTables } from "../books/tables.ts";
import { rowsOf, Wording, words } from "../database.ts";

/** A row of the table to be, with what its text is made of. */
export interface NewMessageRow extends MessageRef {
  kind: MessageKind;
  priority: MessagePriority;
  saleId: string;
  sku: string;
  orderId: string;
  createdAtMs: number;
  /** The database keeps their JSON. */
  facts: MessageFacts;
  state: "due" | "sent";
  attempts: number;
  nextAtMs: number;
  sentAtMs?: number;
}

/** What these events tell shoppers: one row an event and shopper. */
export function messagesOf(
  items: readonly Pick<LedgerPage, "saleId" | "sku" | "events">[],
): NewMessageRow[] {
  return items.flatMap(({ saleId, sku, events }) =>
    events.flatMap(({ type, sequence, atMs, order }) => {
      const kind = kindOf(type);
      if (!kind || !order) return [];
      const { orderId, shopper } = order;
      const facts = factsOf(order);
      const named = { eventId: eventId(itemChain(sku), sequence), shopper, saleId, sku, orderId };
      const priority = priorityOf(kind);
      const undelivered = { state: "due", attempts: 0, nextAtMs: atMs } as const;
      return [{ ...named, kind, priority, createdAtMs: atMs, facts, ...undelivered }];
    }),
  );
}

/** Writes such rows, however often they come, and tells which are new, as rows of `NewMessage`. */
export function insertMessages(table: BooksTables["messages"]): Wording {
  return new Wording(
    words
      .insert(table)
      .select(rowsOf(sql.placeholder("rows"), Object.keys(getTableColumns(table))))
      .onConflictDoNothing()
      .returning({
        eventId: table.eventId,
        shopper: table.shopper,
        priority: sql`priority`,
      }),
  );
}

/** A row of the answer, as the database names it. */
export interface NewMessage {
  event_id: string;
  shopper: string;
  priority: MessagePriority;
}

/** The names of messages that are due, as queues carry them. */
export function dueOf(rows: readonly NewMessage[]): DueMessage[] {
  return rows.map(({ event_id, shopper, priority }) => ({ eventId: event_id, shopper, priority }));
}
