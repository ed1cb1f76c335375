import { expect, it } from "vitest";
import { SqliteDatabase } from "../testing/sqlite-database.ts";
import { Gathered } from "./gathered.ts";

const INSERT = "INSERT INTO stripe_intent VALUES (?1, ?2)";
const READ = "SELECT intent_id FROM stripe_intent WHERE idempotency_key = ?1";

it("makes one call of what is asked for in a turn, and one of what is asked for meanwhile", async () => {
  const tables = new SqliteDatabase();
  const db = tables.binding;
  const calls = new Gathered(db);
  const write = async (key: string) => {
    const [, read] = await calls.batch([
      db.prepare(INSERT).bind(key, `intent of ${key}`),
      db.prepare(READ).bind(key),
    ]);
    return read?.results;
  };
  const late = calls.batch([]).then(() => Promise.all(["c", "d"].map(write)));
  const answers = await Promise.all(["a", "b"].map(write));
  expect(answers).toEqual([[{ intent_id: "intent of a" }], [{ intent_id: "intent of b" }]]);
  expect(await late).toEqual([[{ intent_id: "intent of c" }], [{ intent_id: "intent of d" }]]);
  expect(tables.asked).toBe(2);
});

it("fails all whose call fails, none of which is written, and goes on", async () => {
  const tables = new SqliteDatabase();
  const db = tables.binding;
  const calls = new Gathered(db);
  const write = (key: string) => calls.batch([db.prepare(INSERT).bind(key, "an intent")]);
  tables.refuse = ({ params }) => (params[0] === "b" ? "b is refused" : null);
  const settled = await Promise.allSettled(["a", "b"].map(write));
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const count = tables.sqlite.prepare("SELECT count(*) AS count FROM stripe_intent");
  expect(count.get()).toMatchObject({ count: 0 });
  await write("a");
  expect(count.get()).toMatchObject({ count: 1 });
});
