import { describe, expect, it } from "vitest";
import { giveBack, takeDatabase } from "./databases.ts";
import { Statements } from "./statements.ts";

const MADE = "CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (0)";
const READ = "SELECT count(*) AS rows FROM a";

describe("a database that is used again", () => {
  it("has its tables as they were made, and nothing that was written after that", () => {
    const taken = (): Statements =>
      Statements.of(takeDatabase("test", (database) => database.exec("CREATE TABLE b (id)")));
    const first = taken();
    first.exec(MADE);
    first.prepare("CREATE TABLE c (id)").run([]);
    for (const text of ["INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (1)"])
      first.prepare(text).run([]);
    expect(first.prepare(READ).all([])).toEqual([{ rows: 2 }]);
    giveBack("test", first.database);
    const again = taken();
    expect(again).toBe(first);
    again.exec(MADE);
    again.prepare("CREATE TABLE c (id)").run([]);
    expect(again.prepare(READ).all([])).toEqual([{ rows: 1 }]);
    expect(again.prepare("SELECT * FROM b").all([])).toEqual([]);
    expect(taken()).not.toBe(first);
  });
});
