import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/*
 * The relational side. Products and sale definitions are this database's own; orders, stock levels,
 * ledger events and messages are projections of the items' ledgers and can be rebuilt from them.
 */

export const products = sqliteTable("product", {
  productId: text("product_id").primaryKey(),
  /** A `Product` as JSON. */
  body: text("body").notNull(),
});

export const sales = sqliteTable("sale", {
  saleId: text("sale_id").primaryKey(),
  startsAtMs: integer("starts_at_ms").notNull(),
  /** A `SaleDefinition` as JSON. */
  definition: text("definition").notNull(),
  /** A `SaleControl` as JSON, as the sequencer last gave it. */
  control: text("control").notNull(),
  /** Set when the line and every item have been created: nobody sees a sale before. */
  listed: integer("listed", { mode: "boolean" }).notNull(),
});

/** A sku belongs to one sale: the primary key says so. */
export const saleItems = sqliteTable("sale_item", {
  sku: text("sku").primaryKey(),
  saleId: text("sale_id").notNull(),
});

export const orders = sqliteTable(
  "orders",
  {
    orderId: text("order_id").primaryKey(),
    saleId: text("sale_id").notNull(),
    sku: text("sku").notNull(),
    shopper: text("shopper").notNull(),
    number: integer("number").notNull(),
    quantity: integer("quantity").notNull(),
    amount: integer("amount").notNull(),
    currency: text("currency").notNull(),
    status: text("status").notNull(),
    version: integer("version").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
    paymentState: text("payment_state"),
    paymentAttempts: integer("payment_attempts").notNull(),
    paymentError: text("payment_error"),
    paymentMethod: text("payment_method"),
    paymentAttention: text("payment_attention"),
    paymentActionUrl: text("payment_action_url"),
  },
  (table) => [
    index("orders_for_attention")
      .on(table.createdAtMs, table.orderId)
      .where(sql`payment_attention IS NOT NULL`),
    index("orders_by_time").on(table.createdAtMs, table.orderId),
    index("orders_by_sale").on(table.saleId, table.createdAtMs, table.orderId),
    index("orders_by_shopper").on(table.shopper, table.createdAtMs, table.orderId),
  ],
);

export const stockLevels = sqliteTable("stock_level", {
  sku: text("sku").primaryKey(),
  saleId: text("sale_id").notNull(),
  sequence: integer("sequence").notNull(),
  stock: integer("stock").notNull(),
  available: integer("available").notNull(),
  held: integer("held").notNull(),
  sold: integer("sold").notNull(),
});

export const ledgerEvents = sqliteTable(
  "ledger_event",
  {
    sku: text("sku").notNull(),
    sequence: integer("sequence").notNull(),
    saleId: text("sale_id").notNull(),
    atMs: integer("at_ms").notNull(),
    type: text("type").notNull(),
    orderId: text("order_id"),
    /** A `LedgerEvent` as JSON. */
    body: text("body").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.sku, table.sequence] }),
    // All that the figures of a sale ask of its confirmations, so that no row is read for them.
    index("ledger_event_confirmed")
      .on(table.saleId, table.atMs, sql`${table.body} ->> '$.order.createdAtMs'`, table.type)
      .where(sql`${table.type} IN ('confirmed', 'cash_confirmed')`),
  ],
);

/** One message an order and kind, however often its event is delivered. */
export const messages = sqliteTable(
  "message",
  {
    orderId: text("order_id").notNull(),
    kind: text("kind").notNull(),
    shopper: text("shopper").notNull(),
    subject: text("subject").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderId, table.kind] })],
);

/** The sandbox provider's own books, which no other code reads: what became of each charge. */
export const sandboxPayments = sqliteTable("sandbox_payment", {
  /** `orderId:attempt`. */
  idempotencyKey: text("idempotency_key").primaryKey(),
  amount: integer("amount").notNull(),
  currency: text("currency").notNull(),
  state: text("state").notNull(),
  /** Times that an authorisation was asked for under this key. */
  asked: integer("asked").notNull(),
  /** Why it was declined. */
  reason: text("reason"),
  /** An authorisation that comes late: until then nobody knows of it. */
  ripensAtMs: integer("ripens_at_ms"),
});

/** What the sandbox has done, one row a charge, capture, void and refund of a key, however often asked. */
export const sandboxBookings = sqliteTable(
  "sandbox_booking",
  {
    idempotencyKey: text("idempotency_key").notNull(),
    /** `charge`, `capture`, `void` or `refund`. */
    kind: text("kind").notNull(),
    amount: integer("amount").notNull(),
    currency: text("currency").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [primaryKey({ columns: [table.idempotencyKey, table.kind] })],
);

/** The PaymentIntent of each key that Stripe was asked about, written before money may move on it. */
export const stripeIntents = sqliteTable("stripe_intent", {
  /** `orderId:attempt`. */
  idempotencyKey: text("idempotency_key").primaryKey(),
  intentId: text("intent_id").notNull(),
});
