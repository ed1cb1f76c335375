import { expect, it } from "vitest";
import { sandboxBookings, sandboxPayments } from "../../d1/schema.ts";
import { database } from "../../workers/purchase/database.ts";
import { listSandboxPayments } from "../../workers/purchase/providers/sandbox-books.ts";
import { bindings, uniqueName } from "./support/objects.ts";
import { NOON_MS, SECOND_MS } from "./support/samples.ts";

const MONEY = { amount: 49_900, currency: "EUR" };

/** Writes an attempt as the sandbox does, with a booking a second. */
async function book(idempotencyKey: string, state: string, kinds: string[] = []): Promise<void> {
  const db = database(bindings);
  await db.insert(sandboxPayments).values({ idempotencyKey, state, asked: 1, ...MONEY });
  for (const [index, kind] of kinds.entries())
    await db
      .insert(sandboxBookings)
      .values({ idempotencyKey, kind, ...MONEY, atMs: NOON_MS + index * SECOND_MS });
}

it("the sandbox's books show every attempt at an item and what was booked for it, by pages", async () => {
  const sku = uniqueName("books");
  await book(`${sku}.c.mac:2`, "voided", ["void"]);
  await book(`${sku}.b.mac:1`, "captured", ["charge", "capture"]);
  await book(`${sku}.a.mac:1`, "declined");
  for (const other of [`${sku}-2.x.mac:1`, `${sku}2.x.mac:1`, `a${sku}.x.mac:1`])
    await book(other, "authorised", ["charge"]);

  const first = await listSandboxPayments(bindings, sku, null, 2);
  expect(first.rows).toEqual([
    { orderId: `${sku}.a.mac`, attempt: 1, state: "declined", ...MONEY, bookings: [] },
    {
      orderId: `${sku}.b.mac`,
      attempt: 1,
      state: "captured",
      ...MONEY,
      bookings: [
        { kind: "charge", ...MONEY, atMs: NOON_MS },
        { kind: "capture", ...MONEY, atMs: NOON_MS + SECOND_MS },
      ],
    },
  ]);
  expect(await listSandboxPayments(bindings, sku, first.cursor, 2)).toMatchObject({
    rows: [{ orderId: `${sku}.c.mac`, attempt: 2, state: "voided", bookings: [{ kind: "void" }] }],
    cursor: null,
  });
  const fromElsewhere = await listSandboxPayments(bindings, sku, "a", 1);
  expect(fromElsewhere.rows).toMatchObject([{ orderId: `${sku}.a.mac` }]);
});
