import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

const MIGRATIONS = join(import.meta.dirname, "../../d1/migrations");

/** What its databases are to `takeDatabase`. */
export const KIND = "d1";

/**
 * The kind of those whose tables a deploy changes. To take that back expires all statements that were compiled: others
 * are spared it.
 */
export function changingKind(kind: string): string {
  return `${kind}, changing`;
}

let read: string | null = null;

/** Applies the project's migrations to an empty database. */
export function createTables(database: DatabaseSync): void {
  read ??= readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => readFileSync(join(MIGRATIONS, name), "utf8"))
    .join("\n;\n");
  database.exec(read);
}
