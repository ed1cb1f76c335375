import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { unstable_splitSqlQuery } from "wrangler";
import { LocalError } from "./local-error.ts";
import { ROOT } from "./paths.ts";

/** The folder that wrangler applies in production too, as the purchase Worker's configuration says. */
export const MIGRATIONS_DIRECTORY = join(ROOT, "d1/migrations");

/** The part of a D1 database that migrations need. */
export interface MigrationDatabase {
  prepare(sql: string): MigrationStatement;
  batch(statements: MigrationStatement[]): Promise<unknown>;
}

/** A prepared statement of such a database. */
export interface MigrationStatement {
  bind(...values: unknown[]): MigrationStatement;
  all(): Promise<{ results: unknown[] }>;
}

/** One file of SQL statements, known by its file name. */
export interface Migration {
  name: string;
  sql: string;
}

// The same table that wrangler keeps, so that both can be used on one database.
const CREATE_BOOKKEEPING = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/** Reads every `*.sql` file of a folder in the order in which they have to be applied. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql"));
  return Promise.all(
    names.sort(compareMigrationNames).map(async (name) => ({
      name,
      sql: await readFile(join(directory, name), "utf8"),
    })),
  );
}

/**
 * Applies the migrations that the database has not seen, each in one transaction together with its
 * line in the bookkeeping, so that a crash in between leaves none half done.
 *
 * @returns the names of those that were applied now.
 * @throws LocalError when one of them fails; those before it stay applied.
 */
export async function applyMigrations(
  database: MigrationDatabase,
  migrations: readonly Migration[],
): Promise<string[]> {
  await database.batch([database.prepare(CREATE_BOOKKEEPING)]);
  const applied = await database.prepare(`SELECT name FROM "d1_migrations" ORDER BY id`).all();
  const pending = pendingMigrations(migrations, new Set(applied.results.map(migrationName)));
  for (const { name, sql } of pending) {
    const remember = database.prepare(`INSERT INTO "d1_migrations" (name) VALUES (?)`).bind(name);
    const statements = unstable_splitSqlQuery(sql).map((statement) => database.prepare(statement));
    await applyOne(database, name, [...statements, remember]);
  }
  return pending.map((migration) => migration.name);
}

async function applyOne(
  database: MigrationDatabase,
  name: string,
  statements: MigrationStatement[],
): Promise<void> {
  try {
    await database.batch(statements);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LocalError(`the migration ${name} fails and was undone: ${reason}`);
  }
}

/** Those migrations whose name is not among the applied ones, in the order given. */
export function pendingMigrations(
  migrations: readonly Migration[],
  appliedNames: ReadonlySet<string>,
): Migration[] {
  return migrations.filter((migration) => !appliedNames.has(migration.name));
}

function migrationName(row: unknown): string {
  const isNamed = typeof row === "object" && row !== null && "name" in row;
  if (!isNamed || typeof row.name !== "string")
    throw new TypeError("d1_migrations has a row without a name");
  return row.name;
}

/** By the number in front, so that 10 comes after 9 whatever the padding; then by name. */
function compareMigrationNames(a: string, b: string): number {
  const difference = Number.parseInt(a, 10) - Number.parseInt(b, 10);
  if (difference !== 0 && !Number.isNaN(difference)) return difference;
  return a < b ? -1 : 1;
}
