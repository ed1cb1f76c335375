import {
  list,
  logWritten,
  outcome,
  tried,
  type Inside,
  type Program,
  type Programs,
} from "../program.ts";

/** A program on a table of two pairs, a1 and b2; the lines that it comes to are logged. */
function onTable(act: (sql: SqlStorage, inside: Inside) => string[]): Program {
  return {
    acts: {
      act: (inside) => {
        const { sql } = inside.ctx.storage;
        sql.exec(
          "CREATE TABLE pair (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        );
        sql.exec("INSERT INTO pair (key, value) VALUES (?, ?), (?, ?)", "a", 1, "b", 2);
        return act(sql, inside);
      },
    },
    async drive({ probe, log }) {
      for (const line of (await probe("object").act("act")) as string[]) log(line);
    },
  };
}

/** A program of an object that writes, does this, and returns: is the write kept? */
function afterWrite(act: (sql: SqlStorage) => unknown): Program {
  return {
    acts: {
      act: ({ ctx, write }) => {
        write("before");
        return act(ctx.storage.sql);
      },
    },
    async drive(outside) {
      await outside.probe("object").written();
      outside.log(await outcome(outside.probe("object").act("act")));
      await logWritten(outside, "object");
    },
  };
}

/** The pairs that there are, such as `[a1, b2]`. */
function pairs(sql: SqlStorage): string {
  const rows = sql.exec<{ key: string; value: number }>("SELECT key, value FROM pair ORDER BY key");
  return list(Array.from(rows, ({ key, value }) => `${key}${value}`));
}

const ONE_ROW = "INSERT INTO line (text) VALUES ('one') RETURNING text";
const TWO_ROWS = "INSERT INTO line (text) VALUES ('one'), ('two') RETURNING text";

/** Statements that fail. */
const FAILURES: Programs = {
  "sql: a statement that fails undoes itself alone": onTable((sql, { ctx }) => [
    tried(() => sql.exec("INSERT INTO pair VALUES ('c', 3), ('a', 4)")),
    pairs(sql),
    tried(() =>
      ctx.storage.transactionSync(() => {
        sql.exec("UPDATE pair SET value = 5 WHERE key = 'a'");
        const failed = tried(() => sql.exec("INSERT INTO pair VALUES ('b', 6)"));
        sql.exec("INSERT INTO pair VALUES ('d', 7)");
        return failed;
      }),
    ),
    pairs(sql),
  ]),

  "sql: statements that are refused": onTable((sql) => [
    ...[
      "SELECT nothing FROM pair",
      "not SQL",
      "INSERT INTO pair VALUES ('c', 'text')",
      "INSERT INTO pair VALUES ('c', NULL)",
    ].map((query) => tried(() => sql.exec(query).toArray())),
    tried(() => sql.exec("INSERT INTO pair VALUES (?, ?)", "c")),
    tried(() => sql.exec("INSERT INTO pair VALUES (?, ?)", "c", 1, 2)),
    pairs(sql),
  ]),

  "sql: a foreign key that points to nothing": onTable((sql) => {
    sql.exec("CREATE TABLE part (pair TEXT REFERENCES pair (key)) STRICT");
    return ["a", "nobody"].map((key) =>
      tried(() => sql.exec("INSERT INTO part VALUES (?)", key).rowsWritten),
    );
  }),

  "sql: bytes go in and come out as a buffer": onTable((sql) => {
    sql.exec("CREATE TABLE bytes (value BLOB NOT NULL) STRICT");
    sql.exec("INSERT INTO bytes VALUES (?), (?)", Uint8Array.of(1, 255).buffer, new ArrayBuffer(0));
    const rows = sql.exec<{ value: ArrayBuffer }>("SELECT value FROM bytes ORDER BY value DESC");
    return Array.from(rows, ({ value }) =>
      [value instanceof ArrayBuffer, value.byteLength, ...new Uint8Array(value)].join(" "),
    );
  }),

  "sql: transactions by statement are refused": onTable((sql) => [
    ...["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT one", "RELEASE one"].map((query) =>
      tried(() => sql.exec(query).toArray()),
    ),
    pairs(sql),
  ]),

  "sql: several statements in one text": onTable((sql) => [
    tried(
      () => void sql.exec("INSERT INTO pair VALUES ('c', 3); INSERT INTO pair VALUES ('d', 4);"),
    ),
    pairs(sql),
    tried(
      () => void sql.exec("INSERT INTO pair VALUES ('e', 5); INSERT INTO pair VALUES ('a', 6);"),
    ),
    pairs(sql),
  ]),
};

/** What cursors give. */
const CURSORS: Programs = {
  "sql: rows": onTable((sql) => {
    const keys = ["nobody", "a"].map((key) => `SELECT key FROM pair WHERE key = '${key}'`);
    keys.push("SELECT key FROM pair ORDER BY key");
    return [
      ...keys.map((query) => `one ${tried(() => sql.exec(query).one())}`),
      ...keys.map((query) => `toArray ${tried(() => sql.exec(query).toArray())}`),
      ...keys.map((query) => `for of ${tried(() => [...sql.exec(query)])}`),
    ];
  }),

  "sql: each row of a cursor is read once": onTable((sql) => {
    const cursor = (): SqlStorageCursor<{ key: string }> =>
      sql.exec<{ key: string }>("SELECT key FROM pair ORDER BY key");
    const [read, begun, other] = [cursor(), cursor(), cursor()];
    return [
      tried(() => [read.toArray(), read.toArray()]),
      tried(() => [begun.next().value, other.next().value, begun.toArray()]),
    ];
  }),

  "sql: rowsWritten is 0 when nothing was written": onTable((sql) => {
    const isSome = (query: string, ...bindings: SqlStorageValue[]): string => {
      const cursor = sql.exec(query, ...bindings);
      const { length } = cursor.toArray();
      return `${cursor.rowsWritten > 0} ${length} ${query}`;
    };
    const upsert = `INSERT INTO pair VALUES ('c', 9)
      ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value`;
    return [
      isSome("INSERT INTO pair VALUES ('c', 3)"),
      isSome("INSERT INTO pair VALUES ('c', 4) ON CONFLICT DO NOTHING"),
      isSome("INSERT OR IGNORE INTO pair VALUES ('c', 5)"),
      isSome("INSERT INTO pair VALUES (?, 6) ON CONFLICT DO NOTHING", "d"),
      isSome(upsert),
      isSome(upsert),
      isSome("UPDATE pair SET value = 1 WHERE key = 'a'"),
      isSome("UPDATE pair SET value = 7 WHERE key = 'nobody'"),
      isSome("UPDATE pair SET value = 8 WHERE key = 'a' RETURNING key"),
      isSome("UPDATE pair SET value = 8 WHERE key = 'nobody' RETURNING key"),
      isSome("DELETE FROM pair WHERE key = 'nobody'"),
      isSome("DELETE FROM pair WHERE key IN ('a', 'b')"),
      isSome("SELECT * FROM pair"),
      pairs(sql),
    ];
  }),

  "sql: rowsWritten counts the rows of a table without indexes": onTable((sql) =>
    [
      "INSERT INTO pair VALUES ('c', 3), ('d', 4), ('e', 5)",
      "UPDATE pair SET value = value + 1 WHERE key > 'c'",
      "DELETE FROM pair",
    ].map((query) => `${sql.exec(query).rowsWritten} ${query}`),
  ),

  "sql: RETURNING": onTable((sql) => [
    tried(() => sql.exec("INSERT INTO pair VALUES ('c', 3) RETURNING key, value").one()),
    tried(() =>
      sql.exec("INSERT INTO pair VALUES ('c', 3) ON CONFLICT DO NOTHING RETURNING key").toArray(),
    ),
    tried(() =>
      sql.exec("UPDATE pair SET value = value + 1 WHERE key < 'c' RETURNING key, value").toArray(),
    ),
    tried(() => sql.exec("DELETE FROM pair WHERE key < 'b' RETURNING key, value").toArray()),
    pairs(sql),
  ]),

  "sql: rows of a write that are not read fail the commit": afterWrite((sql) => {
    sql.exec(TWO_ROWS);
  }),

  "sql: rows of a write that are read in part fail the commit": afterWrite((sql) => {
    const [first] = sql.exec<{ text: string }>(TWO_ROWS);
    return first?.text;
  }),

  "sql: rows of a write that are too many for one() do not": afterWrite((sql) =>
    tried(() => sql.exec(TWO_ROWS).one()),
  ),

  "sql: rows of a write of which the last is read do not": afterWrite((sql) => {
    const [only] = sql.exec<{ text: string }>(ONE_ROW);
    return only?.text;
  }),

  "sql: rows of a write that has none do not": afterWrite((sql) => {
    sql.exec("UPDATE line SET text = 'none' WHERE id = 0 RETURNING id");
  }),

  "sql: rows of a query that are not read do not": afterWrite((sql) => {
    sql.exec("SELECT text FROM line");
  }),

  "sql: numbers, texts and nothing": onTable((sql) => {
    const one = (query: string, ...bindings: SqlStorageValue[]): string =>
      tried(() => Object.values(sql.exec(query, ...bindings).one()));
    sql.exec("CREATE TABLE number (whole INTEGER, real REAL) STRICT");
    sql.exec("INSERT INTO number VALUES (?, ?)", 3, 3);
    return [
      one("SELECT 1 AS a, 1.5 AS b, 'text' AS c, NULL AS d, 9007199254740991 AS e, 1e300 AS f"),
      one("SELECT typeof(?) AS a, typeof(?) AS b, typeof(?) AS c", 1, "text", null),
      one("SELECT ? AS a, ? / 2 AS b, ? AS c", 2 ** 40, 3, "1"),
      one(
        "SELECT typeof(whole) AS a, whole / 2 AS b, typeof(real) AS c, real / 2 AS d FROM number",
      ),
      one("SELECT count(*) AS a, sum(value) AS b, max(key) AS c FROM pair WHERE key = 'nobody'"),
      tried(() => sql.exec("INSERT INTO number VALUES (?, ?)", 1.5, 1)),
    ];
  }),
};

/** The statements of `ctx.storage.sql`, and their rows. */
export const SQL: Programs = { ...FAILURES, ...CURSORS };
