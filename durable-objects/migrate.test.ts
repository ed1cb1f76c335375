import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { bindings, uniqueName } from "../test/system/support/objects.ts";
import { Calls } from "./calls.ts";
import { migrate } from "./migrate.ts";

/** Runs `use` in the storage of an object that has run one migration of its own. */
function inStorage<Result>(use: (storage: DurableObjectStorage) => Result): Promise<Result> {
  const object = bindings.SKU.getByName(uniqueName("migrated"));
  return runInDurableObject(object, (_, { storage }) => {
    storage.sql.exec("DELETE FROM migration WHERE version > 1");
    return use(storage);
  });
}

function versions(storage: DurableObjectStorage): number[] {
  const rows = storage.sql.exec<{ version: number }>("SELECT version FROM migration");
  return rows.toArray().map((row) => row.version);
}

const SHIPPED = "CREATE TABLE never_again (id INTEGER)";
const SECOND = "CREATE TABLE second (id INTEGER); INSERT INTO second VALUES (1)";
const THIRD = "INSERT INTO second VALUES (2)";

describe("migrations", () => {
  it("are run in order, each once, and noted", async () => {
    const { before, after, ids } = await inStorage((storage) => {
      const before = versions(storage);
      migrate(storage, [SHIPPED, SECOND]);
      migrate(storage, [SHIPPED, SECOND]);
      migrate(storage, [SHIPPED, SECOND, THIRD]);
      const ids = storage.sql.exec<{ id: number }>("SELECT id FROM second ORDER BY id").toArray();
      return { before, after: versions(storage), ids };
    });
    expect(before).toEqual([1]);
    expect(after).toEqual([1, 2, 3]);
    expect(ids).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("are all or nothing: one that fails leaves no half of itself behind", async () => {
    const { error, after, tables } = await inStorage((storage) => {
      let error = "";
      try {
        migrate(storage, [SHIPPED, SECOND, "INSERT INTO nowhere VALUES (1)"]);
      } catch (thrown) {
        error = String(thrown);
      }
      const tables = storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'second'");
      return { error, after: versions(storage), tables: tables.toArray() };
    });
    expect(error).toContain("nowhere");
    expect(after).toEqual([1]);
    expect(tables).toEqual([]);
  });
});

describe("calls", () => {
  it("are counted by kind; a snapshot stays as it was taken", () => {
    const calls = new Calls();
    calls.count("join");
    calls.count("join", 2);
    calls.count("claim", 0);
    const snapshot = calls.snapshot();
    calls.count("join");
    expect(snapshot).toEqual({ join: 3, claim: 0 });
    expect(calls.snapshot()).toEqual({ join: 4, claim: 0 });
  });
});
