import { DatabaseSync } from "node:sqlite";
import { Statements } from "./statements.ts";

/** Each savepoint keeps a copy of the pages that are written in it, and the tables of a sale are small. */
const SMALL_PAGES = "PRAGMA page_size = 1024";

/** Databases that nobody has now, by their kind: those of one kind have the same tables. */
const idle = new Map<string, DatabaseSync[]>();

/**
 * A database in memory for one object, or for all, as nobody had ever written it. Making tables and compiling
 * statements anew for every sale took a tenth of a simulation, so a database of this kind is used again, and may have
 * its tables before they are made.
 *
 * @param setUp what a new one has to have before anybody sees it.
 */
export function takeDatabase(kind: string, setUp: (database: DatabaseSync) => void): DatabaseSync {
  const known = idle.get(kind)?.pop();
  if (known) {
    Statements.of(known).startOver();
    return known;
  }
  const database = new DatabaseSync(":memory:");
  database.exec(SMALL_PAGES);
  setUp(database);
  Statements.of(database).begin();
  return database;
}

/** Gives one back whose sale is over. */
export function giveBack(kind: string, database: DatabaseSync): void {
  const known = idle.get(kind) ?? [];
  idle.set(kind, known);
  known.push(database);
}
