import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { createTables } from "../platform/schema.ts";
import { D1_LATEST, databaseAnew, undoOf } from "./rows.ts";

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
