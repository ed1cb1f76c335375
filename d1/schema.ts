import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/*
 * The relational side. Products and sale definitions are this database's own; orders, payments, stock
 * levels, ledger events, audit entries and what is to be told to whom are projections of the chains that
 * the single writers keep, and can be rebuilt from them.
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

const orderColumns = () => ({
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
});

export const orders = sqliteTable("orders", orderColumns(), (table) => [
  index("orders_for_attention")
    .on(table.createdAtMs, table.orderId)
    .where(sql`payment_attention IS NOT NULL`),
  index("orders_by_time").on(table.createdAtMs, table.orderId),
  index("orders_by_sale").on(table.saleId, table.createdAtMs, table.orderId),
  index("orders_by_shopper").on(table.shopper, table.createdAtMs, table.orderId),
]);

const paymentColumns = () => ({
  orderId: text("order_id").notNull(),
  attempt: integer("attempt").notNull(),
  saleId: text("sale_id").notNull(),
  sku: text("sku").notNull(),
  /** `card` or `cod`. */
  method: text("method").notNull(),
  state: text("state").notNull(),
  amount: integer("amount").notNull(),
  currency: text("currency").notNull(),
  error: text("error"),
  /** The order's: the higher wins. */
  version: integer("version").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** One row an attempt, as the order's last event of that attempt tells it. */
export const payments = sqliteTable("payment", paymentColumns(), (table) => [
  primaryKey({ columns: [table.orderId, table.attempt] }),
  index("payments_by_item").on(table.sku, table.orderId, table.attempt),
]);

const stockLevelColumns = () => ({
  sku: text("sku").primaryKey(),
  saleId: text("sale_id").notNull(),
  sequence: integer("sequence").notNull(),
  stock: integer("stock").notNull(),
  available: integer("available").notNull(),
  held: integer("held").notNull(),
  sold: integer("sold").notNull(),
});

export const stockLevels = sqliteTable("stock_level", stockLevelColumns());

const ledgerEventColumns = () => ({
  sku: text("sku").notNull(),
  sequence: integer("sequence").notNull(),
  saleId: text("sale_id").notNull(),
  atMs: integer("at_ms").notNull(),
  type: text("type").notNull(),
  orderId: text("order_id"),
  /** A `LedgerEvent` as JSON, exactly as it was hashed. */
  body: text("body").notNull(),
  /** As the item has it; `null` in rows of an older version. */
  hash: text("hash"),
});

/** The chains of the items: triggers refuse UPDATE and DELETE. */
export const ledgerEvents = sqliteTable("ledger_event", ledgerEventColumns(), (table) => [
  primaryKey({ columns: [table.sku, table.sequence] }),
  // All that the figures of a sale ask of its confirmations, so that no row is read for them.
  index("ledger_event_confirmed")
    .on(table.saleId, table.atMs, sql`${table.body} ->> '$.order.createdAtMs'`, table.type)
    .where(sql`${table.type} IN ('confirmed', 'cash_confirmed')`),
]);

const auditEntryColumns = () => ({
  /** `sale/<saleId>` or `shop`. */
  chain: text("chain").notNull(),
  sequence: integer("sequence").notNull(),
  atMs: integer("at_ms").notNull(),
  type: text("type").notNull(),
  actor: text("actor").notNull(),
  /** A `TrailEntry` as JSON, exactly as it was hashed. */
  body: text("body").notNull(),
  hash: text("hash").notNull(),
});

/** The chains of sales and of the shop: triggers refuse UPDATE and DELETE. */
export const auditEntries = sqliteTable("audit_entry", auditEntryColumns(), (table) => [
  primaryKey({ columns: [table.chain, table.sequence] }),
]);

const messageColumns = () => ({
  /** Of the fact that it tells of: `item/<sku>/<sequence>` or `sale/<saleId>/<sequence>`. */
  eventId: text("event_id").notNull(),
  shopper: text("shopper").notNull(),
  kind: text("kind").notNull(),
  /** `high`, `normal` or `low`. */
  priority: text("priority").notNull(),
  saleId: text("sale_id").notNull(),
  sku: text("sku"),
  orderId: text("order_id"),
  createdAtMs: integer("created_at_ms").notNull(),
  /** What its text is made of, as JSON. */
  facts: text("facts").notNull(),
});

/** What shoppers are to be told: one row an event and shopper, however often the event is delivered. */
export const messages = sqliteTable(
  "message",
  {
    ...messageColumns(),
    /** `due`, `sent` or `dead`: what became of it is this database's own, and in no ledger. */
    state: text("state").notNull().default("due"),
    attempts: integer("attempts").notNull().default(0),
    /** A message that is due is sent again from here on. */
    nextAtMs: integer("next_at_ms").notNull().default(0),
    sentAtMs: integer("sent_at_ms"),
    error: text("error"),
  },
  (table) => [
    primaryKey({ columns: [table.eventId, table.shopper] }),
    index("messages_due")
      .on(table.nextAtMs)
      .where(sql`state = 'due'`),
    index("messages_by_item").on(table.sku, table.orderId),
  ],
);

/** The embedded mailbox: what was delivered to each shopper. */
export const notifications = sqliteTable(
  "notification",
  {
    eventId: text("event_id").notNull(),
    shopper: text("shopper").notNull(),
    kind: text("kind").notNull(),
    saleId: text("sale_id").notNull(),
    orderId: text("order_id"),
    subject: text("subject").notNull(),
    text: text("text").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.eventId, table.shopper] }),
    index("notifications_by_shopper").on(table.shopper, table.atMs, table.eventId),
  ],
);

/** Where a shopper asked to be written to; this database's own. */
export const contacts = sqliteTable("contact", {
  shopper: text("shopper").primaryKey(),
  email: text("email").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** Who wants to be told when a sale starts; this database's own. */
export const reminders = sqliteTable(
  "reminder",
  {
    saleId: text("sale_id").notNull(),
    shopper: text("shopper").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    /** When its message was written; `null` before. */
    toldAtMs: integer("told_at_ms"),
  },
  (table) => [
    primaryKey({ columns: [table.saleId, table.shopper] }),
    index("reminders_untold")
      .on(table.saleId, table.shopper)
      .where(sql`told_at_ms IS NULL`),
  ],
);

/** How many ask to be reminded of a sale, kept by triggers: counting them would read every row. */
export const reminderCounts = sqliteTable("reminder_count", {
  saleId: text("sale_id").primaryKey(),
  reminders: integer("reminders").notNull(),
  /** When the message of the last one was written; `null` before. */
  toldAtMs: integer("told_at_ms"),
});

/** What needs a person beside payments; this database's own. */
export const attentionItems = sqliteTable(
  "attention_item",
  {
    /** Made of what it is about, so that the same finding is one item. */
    itemId: text("item_id").primaryKey(),
    kind: text("kind").notNull(),
    saleId: text("sale_id"),
    sku: text("sku"),
    /** The rows that it names, as JSON. */
    rows: text("rows").notNull(),
    detail: text("detail").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    lastSeenAtMs: integer("last_seen_at_ms").notNull(),
    resolvedAtMs: integer("resolved_at_ms"),
    resolvedBy: text("resolved_by"),
    note: text("note"),
  },
  (table) => [
    index("attention_open")
      .on(table.createdAtMs, table.itemId)
      .where(sql`resolved_at_ms IS NULL`),
  ],
);

/** How the last reconciliation of each item came out; this database's own. */
export const reconciliations = sqliteTable("reconciliation", {
  sku: text("sku").primaryKey(),
  saleId: text("sale_id").notNull(),
  atMs: integer("at_ms").notNull(),
  throughSequence: integer("through_sequence").notNull(),
  differences: integer("differences").notNull(),
  /** What was compared and how much of it there is, as JSON. */
  figures: text("figures").notNull(),
});

/*
 * Where `npm run rebuild` makes the projections anew, from nothing but the ledgers, to compare them with
 * those in use.
 */

export const rebuiltOrders = sqliteTable("rebuilt_orders", orderColumns());
export const rebuiltPayments = sqliteTable("rebuilt_payment", paymentColumns(), (table) => [
  primaryKey({ columns: [table.orderId, table.attempt] }),
]);
export const rebuiltStockLevels = sqliteTable("rebuilt_stock_level", stockLevelColumns());
export const rebuiltLedgerEvents = sqliteTable(
  "rebuilt_ledger_event",
  ledgerEventColumns(),
  (table) => [primaryKey({ columns: [table.sku, table.sequence] })],
);
export const rebuiltAuditEntries = sqliteTable(
  "rebuilt_audit_entry",
  auditEntryColumns(),
  (table) => [primaryKey({ columns: [table.chain, table.sequence] })],
);
export const rebuiltMessages = sqliteTable("rebuilt_message", messageColumns(), (table) => [
  primaryKey({ columns: [table.eventId, table.shopper] }),
]);

/** Whose the rebuilt tables are: one row, of the rebuild that began last. */
export const rebuilds = sqliteTable("rebuild", {
  id: integer("id").primaryKey(),
  run: text("run").notNull(),
});

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
