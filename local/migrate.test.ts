import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { applyMigrations, pendingMigrations, readMigrations } from "./migrate.ts";
import type { MigrationDatabase, MigrationStatement } from "./migrate.ts";

/** A D1 database as far as migrations are concerned, on SQLite in memory: a batch is all or nothing. */
function openDatabase(): { sqlite: DatabaseSync; database: MigrationDatabase } {
  const sqlite = new DatabaseSync(":memory:");
  onTestFinished(() => sqlite.close());
  class Statement implements MigrationStatement {
    readonly sql: string;
    readonly values: SQLInputValue[];
    constructor(sql: string, values: SQLInputValue[]) {
      this.sql = sql;
      this.values = values;
    }
    bind(...values: unknown[]): Statement {
      return new Statement(this.sql, values.map(String));
    }
    async all(): Promise<{ results: unknown[] }> {
      return { results: sqlite.prepare(this.sql).all(...this.values) };
    }
  }
  const database: MigrationDatabase = {
    prepare: (sql) => new Statement(sql, []),
    async batch(statements) {
      sqlite.exec("BEGIN");
      try {
        for (const statement of statements) await statement.all();
        sqlite.exec("COMMIT");
      } catch (error) {
        sqlite.exec("ROLLBACK");
        throw error;
      }
    },
  };
  return { sqlite, database };
}

const FIRST = {
  name: "0000_first.sql",
  sql: "CREATE TABLE a (x TEXT);\nINSERT INTO a VALUES ('1;2');",
};
const SECOND = {
  name: "0001_second.sql",
  sql: "CREATE TABLE b (x TEXT);\n--> statement-breakpoint\nCREATE INDEX b_x ON b (x);",
};

test("applies what is pending, in order, and nothing twice", async () => {
  const { sqlite, database } = openDatabase();
  expect(await applyMigrations(database, [FIRST])).toEqual(["0000_first.sql"]);
  expect(await applyMigrations(database, [FIRST, SECOND])).toEqual(["0001_second.sql"]);
  expect(await applyMigrations(database, [FIRST, SECOND])).toEqual([]);
  expect(sqlite.prepare("SELECT x FROM a").all()).toEqual([{ x: "1;2" }]);
  expect(sqlite.prepare("SELECT id, name FROM d1_migrations ORDER BY id").all()).toEqual([
    { id: 1, name: "0000_first.sql" },
    { id: 2, name: "0001_second.sql" },
  ]);
});

test("undoes a migration that fails, keeps those before it, and names it", async () => {
  const { sqlite, database } = openDatabase();
  const broken = {
    name: "0001_broken.sql",
    sql: "CREATE TABLE c (x TEXT);\nCREATE TABLE a (x TEXT);",
  };
  await expect(applyMigrations(database, [FIRST, broken])).rejects.toThrow(
    /0001_broken\.sql fails/,
  );
  const tables = sqlite.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  expect(tables.map((row) => row["name"])).not.toContain("c");
  expect(await applyMigrations(database, [FIRST, SECOND])).toEqual(["0001_second.sql"]);
});

test("goes by name alone, so that a gap in the applied ones is filled", () => {
  expect(pendingMigrations([FIRST, SECOND], new Set(["0001_second.sql"]))).toEqual([FIRST]);
});

test("reads SQL files in the order of their numbers", async () => {
  const directory = await mkdtemp(join(tmpdir(), "ropeline-migrations-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const name of ["10_c.sql", "9_b.sql", "0001_a.sql", "notes.md"]) {
    await writeFile(join(directory, name), `-- ${name}`);
  }
  const migrations = await readMigrations(directory);
  expect(migrations.map(({ name }) => name)).toEqual(["0001_a.sql", "9_b.sql", "10_c.sql"]);
  expect(migrations[0]?.sql).toBe("-- 0001_a.sql");
});
