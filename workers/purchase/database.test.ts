import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { ledgerEvents, sales } from "../../d1/schema.ts";
import { database, WordedRead, words } from "./database.ts";
import { Mailbox } from "./messages/mailbox.ts";
import { notificationsOf } from "./messages/reading.ts";
import { setContact } from "./messages/contacts.ts";
import { SqliteDatabase } from "./testing/sqlite-database.ts";

describe("an error of the database", () => {
  const database = new SqliteDatabase();
  database.refuse = () => "database is locked: SQLITE_BUSY";
  const env = { DB: database.binding };
  const message = {
    eventId: "item/phone-1/1",
    shopper: "ada",
    kind: "reserved",
    saleId: "s",
  } as const;
  const text = {
    orderId: null,
    subject: "Reserved",
    text: "Pay",
    atMs: 0,
    email: "ada@example.com",
  };

  it.each([
    ["writing an address", () => setContact(env, "ada", "ada@example.com", 0)],
    ["writing a mailbox", () => new Mailbox(env).deliver([{ ...message, ...text }])],
    ["reading", () => notificationsOf(env, "ada", null, null, 10)],
  ])("has nothing of what was asked in it: %s", async (_what, ask) => {
    const error = await ask().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(String(error)).toBe("Error: D1_ERROR: database is locked: SQLITE_BUSY");
  });
});

it("reads what is worded once as Drizzle reads it, value by value", async () => {
  const { sqlite, binding: DB } = new SqliteDatabase();
  sqlite.exec(`INSERT INTO sale VALUES ('drop', 2, '{}', '{}', 1), ('other', 1, '{}', '{}', 0);
    INSERT INTO ledger_event VALUES ('phone', 1, 'drop', 2, 'created', NULL, '{}', NULL)`);
  const saleId = sql.placeholder("saleId");
  for (const table of [sales, ledgerEvents]) {
    const query = words.select().from(table).where(eq(table.saleId, saleId));
    const rows = await new WordedRead(table, query).rows(DB, { saleId: "drop" });
    expect(rows).toHaveLength(1);
    expect(rows).toEqual(
      await database({ DB }).select().from(table).where(eq(table.saleId, "drop")),
    );
  }
});
