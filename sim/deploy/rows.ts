import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { LANE_MIGRATIONS } from "../../durable-objects/lane-store.ts";
import { SEQUENCER_MIGRATIONS } from "../../durable-objects/sequencer-store.ts";
import { SKU_MIGRATIONS } from "../../durable-objects/sku-tables.ts";
import { rowOf } from "../invariants/tables.ts";
import { Statements } from "../platform/statements.ts";

const D1_MIGRATIONS = join(import.meta.dirname, "../../d1/migrations");
/** The migrations of the database that the new version brings. */
export const D1_LATEST = [
  "0008_reminder_counts.sql",
  "0009_reminders_counted.sql",
  "0010_rebuild_run.sql",
];

/** The tables of a class of objects: how they came to be, and what rows of the version before lack in their texts. */
interface Tables {
  migrations: readonly string[];
  forget: readonly string[];
  /** What takes the last migration back, where what it made does not say it. */
  undo?: readonly string[];
}

/** The latest migration of a lane puts its places in another order, and joins without a number beside them. */
const PLACES_IN_ORDER = [
  "DROP INDEX place_untold",
  "ALTER TABLE place RENAME TO place_by_binding",
  LANE_MIGRATIONS.at(-2)
    ?.match(/CREATE TABLE place_in_order[^;]+/)?.[0]
    .replace("place_in_order", "place") ?? "",
  "CREATE INDEX place_untold ON place (number) WHERE untold = 1",
  `INSERT INTO place (lane_seq, binding, arrived_at_ms, number, state, untold, claimed_at_ms, expires_at_ms,
     leaf, log_index, checkpoint)
   SELECT lane_seq, binding, arrived_at_ms, number, state, untold, claimed_at_ms, expires_at_ms,
     coalesce(leaf, checkpoint.leaves ->> ('$."' || log_index || '"')), log_index, checkpoint
   FROM place_by_binding LEFT JOIN checkpoint ON checkpoint.id = checkpoint ORDER BY lane_seq`,
  `INSERT OR REPLACE INTO place (lane_seq, arrived_at_ms, binding, state)
   SELECT given.value ->> 0, given.value ->> 1, given.value ->> 2, 'placed'
   FROM waiting, json_each(waiting.joins) AS given`,
  `UPDATE counter SET numbered_through =
     coalesce((SELECT min(lane_seq) - 1 FROM place WHERE number IS NULL), lane_seq)`,
  "DROP TABLE place_by_binding",
  "DROP TABLE waiting",
  "ALTER TABLE checkpoint DROP COLUMN leaves",
];

/** The latest migration of an item gives its holds ids, and tables that find them in place of indexes. */
const HOLDS_WITHOUT_IDS = [
  "DROP TABLE hold_of_order",
  "DROP TABLE hold_of_shopper",
  "ALTER TABLE item DROP COLUMN found_through",
  SKU_MIGRATIONS.at(-2)?.replace(
    /SELECT \* FROM hold_by_id .*;/,
    `SELECT order_id, shopper, idempotency_key, status, quantity, lapses_at_ms, asks_at_ms, body, address, card,
       postal_address FROM hold_by_id ORDER BY id;`,
  ) ?? "",
];

/** Texts of holds had all that stands in columns, and what a new hold begins with. */
const WHOLE_HOLDS = `UPDATE hold SET body = json_patch(json_object(
  'orderId', order_id, 'shopper', shopper, 'idempotencyKey', idempotency_key, 'status', status, 'quantity', quantity,
  'expiresAtMs', lapses_at_ms, 'version', 1, 'updatedAtMs', body ->> '$.createdAtMs', 'checkouts', json('[]')), body)`;

const TABLES: Readonly<Record<string, Tables>> = {
  lane: { migrations: LANE_MIGRATIONS, forget: [], undo: PLACES_IN_ORDER },
  sequencer: {
    migrations: SEQUENCER_MIGRATIONS,
    forget: ["UPDATE sale SET line = json_remove(line, '$.stays', '$.roomFlow', '$.measuredAtMs')"],
  },
  sku: {
    migrations: SKU_MIGRATIONS,
    forget: [WHOLE_HOLDS],
    undo: HOLDS_WITHOUT_IDS,
  },
};

/** What each kind of statement has made, and how that is taken away, in this order. */
const UNDO: readonly [made: RegExp, undo: (...names: string[]) => string][] = [
  [/CREATE TRIGGER `?(\w+)/g, (name) => `DROP TRIGGER ${name}`],
  [/CREATE (?:UNIQUE )?INDEX `?(\w+)/g, (name) => `DROP INDEX ${name}`],
  [
    /ALTER TABLE `?(\w+)`? ADD (?:COLUMN )?`?(\w+)/g,
    (table, column) => `ALTER TABLE ${table} DROP COLUMN ${column}`,
  ],
  [/CREATE TABLE `?(\w+)/g, (name) => `DROP TABLE ${name}`],
];

/**
 * Makes of an object's tables what the version before has left: rows without what the last migration brought, and
 * without what came into their texts since. Whether there was anything.
 */
export function leaveAsBefore(kind: string, database: DatabaseSync): boolean {
  const tables = TABLES[kind];
  const { migrations, forget, undo } = tables ?? { migrations: [], forget: [] };
  const last = migrations.at(-1);
  if (last === undefined || migrations.length < 2) return false;
  const done = rowOf<{ version: number }>(
    database,
    "SELECT max(version) AS version FROM migration",
  );
  if (done?.version !== migrations.length) return false;
  const statements = [
    "SAVEPOINT before",
    ...forget,
    ...(undo ?? undoOf(last)),
    `DELETE FROM migration WHERE version = ${migrations.length}`,
    "RELEASE before",
  ];
  const of = Statements.of(database);
  of.change();
  of.exec(statements.join(";\n"));
  return true;
}

/** Statements that take the database back to the version before, and on to this one with the rows that it has. */
export function databaseAnew(): string[] {
  const texts = D1_LATEST.map((name) => readFileSync(join(D1_MIGRATIONS, name), "utf8"));
  return [
    ...texts.toReversed().flatMap(undoOf),
    ...texts.flatMap((text) => text.split(/;\s*\n/).filter((statement) => statement.trim() !== "")),
  ];
}

/** What takes a migration back, as far as it made something. */
export function undoOf(migration: string): string[] {
  return UNDO.flatMap(([made, undo]) =>
    [...migration.matchAll(made)].map(([, ...names]) => undo(...names)),
  );
}
