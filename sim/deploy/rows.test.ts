import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { createTables } from "../platform/schema.ts";
import { LANE_MIGRATIONS } from "../../durable-objects/lane-store.ts";
import { SKU_MIGRATIONS } from "../../durable-objects/sku-tables.ts";
import { holdOf, type HoldRow } from "../../durable-objects/stored-hold.ts";
import { D1_LATEST, databaseAnew, leaveAsBefore, undoOf } from "./rows.ts";

test("what a migration made is taken away in an order that SQLite allows", () => {
  const migration = `ALTER TABLE place ADD COLUMN leaf TEXT;
    CREATE TABLE checkpoint (id INTEGER PRIMARY KEY);
    CREATE UNIQUE INDEX place_leaf ON place (leaf);`;
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE place (id INTEGER)");
  database.exec(migration);

  for (const statement of undoOf(migration)) database.exec(statement);

  const left = database.prepare("SELECT sql FROM sqlite_master").all();
  expect(left).toEqual([{ sql: "CREATE TABLE place (id INTEGER)" }]);
});

test("the new version brings the latest migrations of the database", () => {
  const names = readdirSync(join(import.meta.dirname, "../../d1/migrations"));
  const latest = names.filter((name) => name.endsWith(".sql")).sort();
  expect(latest.slice(-D1_LATEST.length)).toEqual(D1_LATEST);
});

test("reminders that were there before they were counted are counted", () => {
  const database = new DatabaseSync(":memory:");
  createTables(database);
  const ask = database.prepare(
    "INSERT INTO reminder (sale_id, shopper, created_at_ms) VALUES (?, ?, 1)",
  );
  for (const shopper of ["ann", "bob"]) ask.run("drop", shopper);

  for (const statement of databaseAnew()) database.exec(statement);
  ask.run("drop", "eve");

  const counted = database.prepare("SELECT sale_id, reminders FROM reminder_count").all();
  expect(counted).toEqual([{ sale_id: "drop", reminders: 3 }]);
});

test("holds of the version before come along in their order, and are found by their orders and shoppers", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE migration (version INTEGER PRIMARY KEY)");
  for (const migration of SKU_MIGRATIONS) database.exec(migration);
  database.exec(`INSERT INTO migration VALUES (${SKU_MIGRATIONS.length})`);
  const hold = database.prepare(
    `INSERT INTO hold (order_id, shopper, idempotency_key, status, quantity, lapses_at_ms, body, card)
     VALUES (?, ?, 'key', 'RESERVED', 1, 9, ?, 'card')`,
  );
  for (const [index, shopper] of ["eve", "bob", "ann"].entries())
    hold.run(`order-of-${shopper}`, shopper, JSON.stringify({ createdAtMs: index }));
  const rows = (order: string) => database.prepare(`SELECT * FROM hold ORDER BY ${order}`).all();
  const schema = () => database.prepare("SELECT sql FROM sqlite_master ORDER BY name").all();
  database.exec(`INSERT INTO item (id, terms, control, stock, available, held, sold, sequence, head_hash)
    VALUES (1, '{}', '{}', 3, 0, 3, 0, 3, '')`);
  const found = () => ({
    orders: database.prepare("SELECT * FROM hold_of_order").all(),
    shoppers: database.prepare("SELECT * FROM hold_of_shopper").all(),
    item: database.prepare("SELECT found_through FROM item").all(),
  });
  const holds = () => (rows("id") as HoldRow[]).map((row) => [row["id"], holdOf(row)] as const);
  const before = { holds: holds(), schema: schema() };

  expect(leaveAsBefore("sku", database)).toBe(true);
  expect(rows("rowid")).toMatchObject(
    before.holds.map(([, { orderId }]) => ({ order_id: orderId })),
  );
  expect(() => rows("id")).toThrow("no such column: id");
  database.exec(SKU_MIGRATIONS.at(-1) ?? "");

  expect({ holds: holds(), schema: schema() }).toEqual(before);
  expect(found()).toEqual({
    orders: [1, 2, 3].map((hold) => ({ time: "", hold })),
    shoppers: ["annann", "bobbob", "eveeve"].map((ends, at) => ({ ends, hold: 3 - at })),
    item: [{ found_through: 3 }],
  });
});

test("places of the version before come along with their receipts, and joins without a number", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE migration (version INTEGER PRIMARY KEY)");
  for (const migration of LANE_MIGRATIONS) database.exec(migration);
  database.exec(`INSERT INTO migration VALUES (${LANE_MIGRATIONS.length});
    UPDATE counter SET lane_seq = 4;
    INSERT INTO checkpoint (id, note, leaves) VALUES (5, 'head', '{"7":"zoe''s entry","8":"bob''s entry"}');
    INSERT INTO place (binding, lane_seq, arrived_at_ms, number, state, log_index, checkpoint)
    VALUES ('zoe', 1, 11, 101, 'placed', 7, 5), ('bob', 2, 12, 102, 'left', 8, 5);
    INSERT INTO waiting (last_seq, joins) VALUES (4, '[[3,13,"ada"],[4,14,"bob"]]');`);
  const rows = (query: string) => database.prepare(query).all();
  const schema = () => rows("SELECT sql FROM sqlite_master ORDER BY name");
  const before = schema();

  expect(leaveAsBefore("lane", database)).toBe(true);
  expect(rows("SELECT binding, number, leaf FROM place ORDER BY lane_seq")).toEqual([
    { binding: "zoe", number: 101, leaf: "zoe's entry" },
    { binding: "ada", number: null, leaf: null },
    { binding: "bob", number: null, leaf: null },
  ]);
  expect(rows("SELECT * FROM counter")).toEqual([{ id: 1, lane_seq: 4, numbered_through: 2 }]);
  database.exec(LANE_MIGRATIONS.at(-1) ?? "");

  expect(schema()).toEqual(before);
  expect(rows("SELECT binding, number, leaf, log_index FROM place")).toEqual([
    { binding: "zoe", number: 101, leaf: "zoe's entry", log_index: 7 },
  ]);
  expect(rows("SELECT joins FROM waiting ORDER BY last_seq")).toEqual([
    { joins: '[[3,13,"ada"]]' },
    { joins: '[[4,14,"bob"]]' },
  ]);
});
