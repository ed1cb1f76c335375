import { getTableColumns, sql, type SQL } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import type { payments, stockLevels } from "../../../d1/schema.ts";
import type { OrderRow } from "../../../domain/purchase/ledger.ts";
import { rowsOf } from "../database.ts";
import { writeMessages } from "../messages/outbox.ts";
import type { ItemReading, Reading } from "./reading.ts";
import type { BooksTables } from "./tables.ts";

/*
 * What the chains say, into tables. Events carry whole rows and a version, and the higher version wins, so that
 * facts may come twice, late and out of order. Rows travel as one JSON parameter a table: D1 takes at most 100
 * parameters a statement.
 */

type PaymentRow = typeof payments.$inferInsert;
type StockLevelRow = typeof stockLevels.$inferInsert;

/** The statements of one transaction that writes what was read; the first gives the messages that are new. */
export function writeReading(
  db: DrizzleD1Database,
  tables: BooksTables,
  { items, trails }: Reading,
) {
  return [
    writeMessages(db, tables.messages, items),
    append(
      db,
      tables.ledgerEvents,
      items.flatMap(({ rows }) => rows),
    ),
    append(
      db,
      tables.auditEntries,
      trails.flatMap(({ rows }) => rows),
    ),
    writeOrders(db, tables.orders, newestOrders(items)),
    writePayments(db, tables.payments, newestPayments(items)),
    writeLevels(db, tables.stockLevels, lastLevels(items)),
  ] as const;
}

/** Adds rows that are not there yet, and changes none. */
function append(db: DrizzleD1Database, table: SQLiteTable, rows: object[]) {
  return db.insert(table).select(rowsFor(table, rows)).onConflictDoNothing();
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

function writeOrders(db: DrizzleD1Database, table: BooksTables["orders"], rows: OrderRow[]) {
  return db
    .insert(table)
    .select(rowsFor(table, rows))
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

function writePayments(db: DrizzleD1Database, table: BooksTables["payments"], rows: PaymentRow[]) {
  return db
    .insert(table)
    .select(rowsFor(table, rows))
    .onConflictDoUpdate({
      target: [table.orderId, table.attempt],
      set: theOther(table.method, table.state, table.error, table.version, table.updatedAtMs),
      setWhere: sql`excluded.version > ${table.version}`,
    });
}

function lastLevels(items: readonly ItemReading[]): StockLevelRow[] {
  return items.flatMap(({ saleId, sku, events }) => {
    const last = events.at(-1);
    return last ? [{ ...last.level, saleId, sku, sequence: last.sequence }] : [];
  });
}

function writeLevels(
  db: DrizzleD1Database,
  table: BooksTables["stockLevels"],
  rows: StockLevelRow[],
) {
  return db
    .insert(table)
    .select(rowsFor(table, rows))
    .onConflictDoUpdate({
      target: table.sku,
      set: theOther(table.sequence, table.stock, table.available, table.held, table.sold),
      setWhere: sql`excluded.sequence > ${table.sequence}`,
    });
}

/** Objects as rows of a table, whose columns have the names of their fields. */
function rowsFor(table: SQLiteTable, rows: object[]): SQL {
  return rowsOf(rows, Object.keys(getTableColumns(table)));
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
