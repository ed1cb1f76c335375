import { getTableColumns, sql, type SQL } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { payments, stockLevels } from "../../../d1/schema.ts";
import type { OrderRow } from "../../../domain/purchase/ledger.ts";
import { rowsOf, Wording, words } from "../database.ts";
import { insertMessages, messagesOf, type NewMessageRow } from "../messages/outbox.ts";
import type { ItemReading, Reading } from "./reading.ts";
import { LIVE_TABLES, REBUILT_TABLES, type BooksTables } from "./tables.ts";

/*
 * What the chains say, into tables. Events carry whole rows and a version, and the higher version wins, so that
 * facts may come twice, late and out of order. Rows travel as one JSON parameter a table: D1 takes at most 100
 * parameters a statement.
 */

type PaymentRow = typeof payments.$inferInsert;
type StockLevelRow = typeof stockLevels.$inferInsert;

/** One table: the rows that were read for it, and the statement that takes them. */
interface TableWriter {
  rows: (reading: Reading, messages: readonly NewMessageRow[]) => readonly object[];
  wording: Wording;
}

/**
 * The statements of one transaction that writes what was read, and messages: all that it comes to, or those that are
 * given. Where there are messages, the first statement tells which are new. Left out are those that have no rows, unless
 * nothing was read: that asks whether the database takes them.
 */
export type WriteReading = (
  db: D1Database,
  reading: Reading,
  messages?: readonly NewMessageRow[],
) => D1PreparedStatement[];

/** Into the tables in use. */
export const writeLive = writerOf(LIVE_TABLES);

const SENT = append(LIVE_TABLES.messages);

/** Messages into the table in use that the same transaction delivers: nobody asks which are new. */
export function writeSent(db: D1Database, sent: readonly NewMessageRow[]): D1PreparedStatement {
  return SENT.with(db, { rows: JSON.stringify(sent) });
}

/** Into those that are rebuilt. */
export const writeRebuilt = writerOf(REBUILT_TABLES);

function writerOf(tables: BooksTables): WriteReading {
  const writers: TableWriter[] = [
    { rows: (_, messages) => messages, wording: insertMessages(tables.messages) },
    {
      rows: ({ items }) => items.flatMap(({ rows }) => rows),
      wording: append(tables.ledgerEvents),
    },
    {
      rows: ({ trails }) => trails.flatMap(({ rows }) => rows),
      wording: append(tables.auditEntries),
    },
    { rows: ({ items }) => newestOrders(items), wording: writeOrders(tables.orders) },
    { rows: ({ items }) => newestPayments(items), wording: writePayments(tables.payments) },
    { rows: ({ items }) => lastLevels(items), wording: writeLevels(tables.stockLevels) },
  ];
  return (db, reading, messages = messagesOf(reading.items)) => {
    const isEmpty = reading.items.length + reading.trails.length === 0;
    return writers.flatMap(({ rows, wording }) => {
      const written = rows(reading, messages);
      return written.length > 0 || isEmpty
        ? [wording.with(db, { rows: JSON.stringify(written) })]
        : [];
    });
  };
}

/** Adds rows that are not there yet, and changes none. */
function append(table: SQLiteTable): Wording {
  return new Wording(words.insert(table).select(rowsFor(table)).onConflictDoNothing());
}

/** The newest row of every order. */
function newestOrders(items: readonly ItemReading[]): OrderRow[] {
  const newest = new Map<string, OrderRow>();
  for (const { events } of items)
    for (const { order } of events)
      if (order && order.version > (newest.get(order.orderId)?.version ?? 0))
        newest.set(order.orderId, order);
  return [...newest.values()];
}

function writeOrders(table: BooksTables["orders"]): Wording {
  const query = words
    .insert(table)
    .select(rowsFor(table))
    .onConflictDoUpdate({
      target: table.orderId,
      set: theOther(
        table.status,
        table.version,
        table.updatedAtMs,
        table.paymentState,
        table.paymentAttempts,
        table.paymentError,
        table.paymentMethod,
        table.paymentAttention,
        table.paymentActionUrl,
      ),
      setWhere: sql`excluded.version > ${table.version}`,
    });
  return new Wording(query);
}

/** The newest row of every attempt at a payment: an order's later events tell of its last attempt alone. */
function newestPayments(items: readonly ItemReading[]): PaymentRow[] {
  const newest = new Map<string, PaymentRow>();
  for (const { events } of items)
    for (const { order } of events) {
      if (!order || order.paymentState === null || order.paymentAttempts === 0) continue;
      const { orderId, paymentAttempts: attempt, version } = order;
      const key = `${orderId}:${attempt}`;
      if (version > (newest.get(key)?.version ?? 0)) newest.set(key, paymentOf(order));
    }
  return [...newest.values()];
}

function paymentOf(order: OrderRow): PaymentRow {
  const { orderId, saleId, sku, amount, currency, version, updatedAtMs } = order;
  return {
    orderId,
    attempt: order.paymentAttempts,
    saleId,
    sku,
    // Rows of a time when there was nothing else do not say it.
    method: order.paymentMethod ?? "card",
    state: order.paymentState ?? "",
    amount,
    currency,
    error: order.paymentError,
    version,
    updatedAtMs,
  };
}

function writePayments(table: BooksTables["payments"]): Wording {
  const query = words
    .insert(table)
    .select(rowsFor(table))
    .onConflictDoUpdate({
      target: [table.orderId, table.attempt],
      set: theOther(table.method, table.state, table.error, table.version, table.updatedAtMs),
      setWhere: sql`excluded.version > ${table.version}`,
    });
  return new Wording(query);
}

function lastLevels(items: readonly ItemReading[]): StockLevelRow[] {
  return items.flatMap(({ saleId, sku, events }) => {
    const last = events.at(-1);
    return last ? [{ ...last.level, saleId, sku, sequence: last.sequence }] : [];
  });
}

function writeLevels(table: BooksTables["stockLevels"]): Wording {
  const query = words
    .insert(table)
    .select(rowsFor(table))
    .onConflictDoUpdate({
      target: table.sku,
      set: theOther(table.sequence, table.stock, table.available, table.held, table.sold),
      setWhere: sql`excluded.sequence > ${table.sequence}`,
    });
  return new Wording(query);
}

/** The rows of a statement, whose fields have the names of the table's columns. */
function rowsFor(table: SQLiteTable): SQL {
  return rowsOf(sql.placeholder("rows"), Object.keys(getTableColumns(table)));
}

/** Takes these columns from the row that was to be inserted. */
function theOther(...columns: SQLiteColumn[]): Record<string, SQL> {
  return Object.fromEntries(
    columns.map((column) => [fieldOf(column), sql.raw(`excluded.${column.name}`)]),
  );
}

function fieldOf(column: SQLiteColumn): string {
  const fields = Object.entries(getTableColumns(column.table));
  return fields.find(([, other]) => other === column)?.[0] ?? "";
}
