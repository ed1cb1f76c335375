import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { Statements } from "./statements.ts";

function tables(): Statements {
  const statements = Statements.of(new DatabaseSync(":memory:"));
  statements.exec(`CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER);
    CREATE TABLE b (id INTEGER PRIMARY KEY);
    CREATE TABLE counted (n INTEGER);
    INSERT INTO counted VALUES (0);
    CREATE TRIGGER b_counted AFTER INSERT ON b BEGIN UPDATE counted SET n = n + 1; END;`);
  return statements;
}

describe("the statements of a database", () => {
  const READ = "SELECT count(*) AS count, (SELECT n FROM counted) AS n FROM a WHERE id > ?";

  it("give the rows of before while nobody writes what is read", () => {
    const statements = tables();
    const first = statements.prepare(READ).all([0]);
    expect(statements.prepare(READ).all([0])).toBe(first);
    statements.prepare("UPDATE a SET x = ?").run([1]);
    expect(statements.prepare(READ).all([0])).not.toBe(first);
  });

  it.each([
    ["a write", "INSERT INTO a VALUES (1, 1)", { count: 1, n: 0 }],
    ["a write that gives rows", "INSERT INTO a VALUES (1, 1) RETURNING id", { count: 1, n: 0 }],
    ["a trigger", "INSERT INTO b VALUES (1)", { count: 0, n: 1 }],
  ])("read again after %s", (_, write, seen) => {
    const statements = tables();
    statements.prepare(READ).all([0]);
    const statement = statements.prepare(write);
    if (statement.hasRows) statement.all([]);
    else statement.run([]);
    expect(statements.prepare(READ).all([0])).toEqual([seen]);
  });

  it.each(["ROLLBACK TO s", "ROLLBACK"])("read again after %s", (back) => {
    const statements = tables();
    for (const text of ["BEGIN", "SAVEPOINT s", "INSERT INTO a VALUES (1, 1)"])
      statements.prepare(text).run([]);
    expect(statements.prepare(READ).all([0])).toEqual([{ count: 1, n: 0 }]);
    statements.prepare(back).run([]);
    expect(statements.prepare(READ).all([0])).toEqual([{ count: 0, n: 0 }]);
  });

  it("read again for other values, and what is never twice the same", () => {
    const statements = tables();
    statements.prepare("INSERT INTO a VALUES (1, 1)").run([]);
    expect(statements.prepare(READ).all([0])).toEqual([{ count: 1, n: 0 }]);
    expect(statements.prepare(READ).all([1])).toEqual([{ count: 0, n: 0 }]);
    const chance = "SELECT random() / 1000000 AS number";
    expect(statements.prepare(chance).all([])).not.toEqual(statements.prepare(chance).all([]));
  });
});
