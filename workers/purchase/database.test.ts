import { describe, expect, it } from "vitest";
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
