/*
 * The tables of one item. Rows written by a purchase: hold 1 + 1 index (one more while a payment is open, and one each where units are counted by network, card or postal address),
 * ledger 1, two later that find its hold, and item 1 for all that are decided together. An offer writes one index entry more, and three rows of the waiting list and its indexes.
 *
 * Ids and shoppers are random: what is kept in their order is written to a page of its own for each, and pages are what a purchase costs
 * (docs/performance.md). So holds stand in the order in which they came, and what finds them is written later, many at a time in its own order
 * (hold-finder.ts), and kept small: by the time that an order id begins with, and by twelve characters of a shopper's name, from both its ends: shops
 * name theirs by addresses, which end alike, or by numbers, which begin alike. That an order id or a shopper's key is there once is the item's one
 * writer's to see to, who looks before it writes; SQLite would want a large index for it.
 *
 * No index is over an expression: a function in it may fail, for SQLite, which then copies every page that a statement of several rows changes.
 */

/** The time that an order id, given as an expression, has behind its SKU, as `hold_of_order` has it. */
export function timeOf(orderId: string): string {
  return `substr(${orderId}, -34, 8)`;
}

/** A shopper's name, given as an expression, as `hold_of_shopper` has it. */
export function endsOf(name: string): string {
  return `(substr(${name}, 1, 8) || substr(${name}, -4))`;
}

/** Writes to the tables by which holds are found those that they lack. */
export const FIND_HOLDS = [
  `INSERT OR IGNORE INTO hold_of_order SELECT ${timeOf("order_id")}, id FROM hold
   WHERE id > (SELECT found_through FROM item) ORDER BY 1, 2`,
  `INSERT OR IGNORE INTO hold_of_shopper SELECT ${endsOf("shopper")}, id FROM hold
   WHERE id > (SELECT found_through FROM item) ORDER BY 1, 2`,
  "UPDATE item SET found_through = coalesce((SELECT max(id) FROM hold), 0)",
];

/** Offers, apart from purchases: their key is their order id. An index is over them. */
export const IS_OFFER = "idempotency_key = order_id";

/** What a new hold has: who pays how is not known yet. */
export const NEW_HOLD_COLUMNS = [
  "id",
  "order_id",
  "shopper",
  "idempotency_key",
  "status",
  "quantity",
  "lapses_at_ms",
  "body",
  "address",
];

/** Append-only: what has shipped never changes. */
export const SKU_MIGRATIONS = [
  `CREATE TABLE item (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     terms TEXT NOT NULL,
     control TEXT NOT NULL,
     stock INTEGER NOT NULL,
     available INTEGER NOT NULL CHECK (available >= 0),
     held INTEGER NOT NULL CHECK (held >= 0),
     sold INTEGER NOT NULL CHECK (sold >= 0),
     sequence INTEGER NOT NULL,
     head_hash TEXT NOT NULL,
     sold_out_at_ms INTEGER,
     projected_through INTEGER NOT NULL DEFAULT 0,
     reported_through INTEGER NOT NULL DEFAULT 0,
     CHECK (available + held + sold = stock)
   ) STRICT;
   CREATE TABLE hold (
     order_id TEXT PRIMARY KEY,
     shopper TEXT NOT NULL,
     idempotency_key TEXT NOT NULL,
     status TEXT NOT NULL,
     quantity INTEGER NOT NULL,
     lapses_at_ms INTEGER,
     asks_at_ms INTEGER,
     body TEXT NOT NULL,
     UNIQUE (shopper, idempotency_key)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX hold_lapses ON hold (lapses_at_ms) WHERE lapses_at_ms IS NOT NULL;
   CREATE INDEX hold_asks ON hold (asks_at_ms) WHERE asks_at_ms IS NOT NULL;
   CREATE TABLE ledger (
     sequence INTEGER PRIMARY KEY,
     type TEXT NOT NULL,
     command_id TEXT,
     event TEXT NOT NULL,
     hash TEXT NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX ledger_command ON ledger (command_id) WHERE command_id IS NOT NULL;`,
  `ALTER TABLE hold ADD COLUMN address TEXT;
   CREATE INDEX hold_address ON hold (address) WHERE address IS NOT NULL;`,
  `ALTER TABLE item ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0);
   ALTER TABLE item ADD COLUMN list_version INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE waitlist (
     shopper TEXT PRIMARY KEY,
     number INTEGER NOT NULL,
     quantity INTEGER NOT NULL CHECK (quantity > 0),
     lapses INTEGER NOT NULL,
     state TEXT NOT NULL,
     order_id TEXT NOT NULL,
     address TEXT,
     joined_at_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX waitlist_next ON waitlist (lapses, number, quantity) WHERE state = 'waiting';
   CREATE INDEX waitlist_least ON waitlist (quantity) WHERE state = 'waiting';
   CREATE INDEX hold_offer ON hold (status, lapses_at_ms) WHERE idempotency_key = order_id;`,
  `ALTER TABLE hold ADD COLUMN card TEXT;
   ALTER TABLE hold ADD COLUMN postal_address TEXT;
   CREATE INDEX hold_card ON hold (card) WHERE card IS NOT NULL;
   CREATE INDEX hold_postal_address ON hold (postal_address) WHERE postal_address IS NOT NULL;`,
  `ALTER TABLE waitlist ADD COLUMN traceparent TEXT;`,
  `ALTER TABLE hold RENAME TO hold_by_id;
   CREATE TABLE hold (
     order_id TEXT NOT NULL,
     shopper TEXT NOT NULL,
     idempotency_key TEXT NOT NULL,
     status TEXT NOT NULL,
     quantity INTEGER NOT NULL,
     lapses_at_ms INTEGER,
     asks_at_ms INTEGER,
     body TEXT NOT NULL,
     address TEXT,
     card TEXT,
     postal_address TEXT
   ) STRICT;
   INSERT INTO hold SELECT * FROM hold_by_id ORDER BY body ->> '$.createdAtMs', order_id;
   DROP TABLE hold_by_id;
   CREATE INDEX hold_order ON hold (substr(order_id, -34, 8));
   CREATE INDEX hold_shopper ON hold ((substr(shopper, 1, 8) || substr(shopper, -4)));
   CREATE INDEX hold_lapses ON hold (lapses_at_ms) WHERE lapses_at_ms IS NOT NULL;
   CREATE INDEX hold_asks ON hold (asks_at_ms) WHERE asks_at_ms IS NOT NULL;
   CREATE INDEX hold_address ON hold (address) WHERE address IS NOT NULL;
   CREATE INDEX hold_offer ON hold (status, lapses_at_ms) WHERE idempotency_key = order_id;
   CREATE INDEX hold_card ON hold (card) WHERE card IS NOT NULL;
   CREATE INDEX hold_postal_address ON hold (postal_address) WHERE postal_address IS NOT NULL;`,
  `ALTER TABLE hold RENAME TO hold_by_rowid;
   CREATE TABLE hold (
     id INTEGER PRIMARY KEY,
     order_id TEXT NOT NULL,
     shopper TEXT NOT NULL,
     idempotency_key TEXT NOT NULL,
     status TEXT NOT NULL,
     quantity INTEGER NOT NULL,
     lapses_at_ms INTEGER,
     asks_at_ms INTEGER,
     body TEXT NOT NULL,
     address TEXT,
     card TEXT,
     postal_address TEXT
   ) STRICT;
   INSERT INTO hold SELECT rowid, * FROM hold_by_rowid ORDER BY rowid;
   DROP TABLE hold_by_rowid;
   CREATE INDEX hold_lapses ON hold (lapses_at_ms) WHERE lapses_at_ms IS NOT NULL;
   CREATE INDEX hold_asks ON hold (asks_at_ms) WHERE asks_at_ms IS NOT NULL;
   CREATE INDEX hold_address ON hold (address) WHERE address IS NOT NULL;
   CREATE INDEX hold_offer ON hold (status, lapses_at_ms) WHERE idempotency_key = order_id;
   CREATE INDEX hold_card ON hold (card) WHERE card IS NOT NULL;
   CREATE INDEX hold_postal_address ON hold (postal_address) WHERE postal_address IS NOT NULL;
   CREATE TABLE hold_of_order (
     time TEXT NOT NULL,
     hold INTEGER NOT NULL,
     PRIMARY KEY (time, hold)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE hold_of_shopper (
     ends TEXT NOT NULL,
     hold INTEGER NOT NULL,
     PRIMARY KEY (ends, hold)
   ) STRICT, WITHOUT ROWID;
   ALTER TABLE item ADD COLUMN found_through INTEGER NOT NULL DEFAULT 0;
   INSERT INTO hold_of_order SELECT substr(order_id, -34, 8), id FROM hold ORDER BY 1, 2;
   INSERT INTO hold_of_shopper SELECT substr(shopper, 1, 8) || substr(shopper, -4), id FROM hold ORDER BY 1, 2;
   UPDATE item SET found_through = coalesce((SELECT max(id) FROM hold), 0);`,
];
