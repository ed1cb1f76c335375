import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Sku } from "./sku.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { readLedger } from "../test/system/support/ledger-check.ts";
import { createItem, levelOf, rowsOf } from "../test/system/support/objects.ts";
import { checkoutOf, NOON_MS, reservation, SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();

/** An item with every kind of event in its ledger. */
async function eventfulItem(): Promise<DurableObjectStub<Sku>> {
  const sku = await createItem({ stock: 5, perShopper: 5 });
  for (const shopper of ["ada", "bob", "cyd", "dan"]) await sku.reserve(reservation(shopper));
  await sku.checkout("order-of-ada-key-1", "ada", checkoutOf());
  await sku.paymentResult("order-of-ada-key-1", 1, { kind: "authorised" });
  await sku.paymentResult("order-of-ada-key-1", 1, { kind: "captured" });
  await sku.checkout("order-of-bob-key-1", "bob", checkoutOf());
  await sku.paymentResult("order-of-bob-key-1", 1, { kind: "declined", reason: "no" });
  await sku.checkout("order-of-bob-key-1", "bob", checkoutOf({ idempotencyKey: "again" }));
  await sku.cancel("order-of-cyd-key-1", "cyd");
  await sku.restock(3, "found a box", "command-1");
  clock.advance(130 * SECOND_MS);
  await sku.restock(-1, "broken one", "command-2");
  await sku.paymentResult("order-of-bob-key-1", 2, { kind: "voided" });
  return sku;
}

describe("the ledger", () => {
  it("has a row for every fact, in sequence, each with the counters after it", async () => {
    const sku = await eventfulItem();
    const events = await sku.ledger(0);
    expect(events.map(({ type, quantity }) => [type, quantity])).toEqual([
      ["created", 5],
      ["reserved", 1],
      ["reserved", 1],
      ["reserved", 1],
      ["reserved", 1],
      ["payment_pending", 1],
      ["confirmed", 1],
      ["captured", 1],
      ["payment_pending", 1],
      ["payment_declined", 1],
      ["payment_pending", 1],
      ["cancelled", 1],
      ["restocked", 3],
      ["payment_failed", 1],
      ["expired", 1],
      ["restocked", -1],
      ["voided", 1],
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(await levelOf(sku)).toEqual({ stock: 7, available: 6, held: 0, sold: 1 });
  });

  it("is a chain that another bookkeeper finds whole, up to the item's own head", async () => {
    const sku = await eventfulItem();
    const reading = await readLedger(sku);
    expect(reading.brokenAt).toBeNull();
    expect(reading.level).toEqual(await levelOf(sku));
    const [item] = await rowsOf<{ head_hash: string }>(sku, "SELECT head_hash FROM item");
    expect(item?.head_hash).toBe(reading.headHash);
  });

  it.each([
    ["a quantity", 3, '"quantity":1', '"quantity":2'],
    ["a time", 6, `"atMs":${NOON_MS}`, `"atMs":${NOON_MS + 1}`],
    ["who bought", 2, '"shopper":"ada"', '"shopper":"eve"'],
    ["a reason", 13, "found a box", "found a fox"],
  ])("shows a changed byte: %s", async (_, sequence, from, to) => {
    const sku = await eventfulItem();
    await runInDurableObject(sku, (_, { storage }) => {
      const changed = storage.sql.exec(
        "UPDATE ledger SET event = replace(event, ?, ?) WHERE sequence = ? RETURNING event",
        from,
        to,
        sequence,
      );
      expect(changed.one()["event"]).toContain(to);
    });
    expect((await readLedger(sku)).brokenAt).toBe(sequence);
  });

  it("shows a row that was taken out", async () => {
    const sku = await eventfulItem();
    await rowsOf(sku, "DELETE FROM ledger WHERE sequence = 8");
    expect((await readLedger(sku)).brokenAt).toBe(9);
  });

  it("never tells a payment token or a key", async () => {
    const sku = await eventfulItem();
    const text = JSON.stringify(await sku.ledger(0));
    expect(text).not.toContain("tok_");
    expect(text).not.toContain("body-1");
    expect(text).not.toContain("idempotency");
  });

  it("is read in pages of at most 500, after a sequence", async () => {
    const sku = await createItem({ stock: 600 });
    await Promise.all(
      Array.from({ length: 520 }, (_, index) => sku.reserve(reservation(`s-${index}`))),
    );
    const first = await sku.ledger(0);
    expect(first).toHaveLength(500);
    const rest = await sku.ledger(first.at(-1)?.sequence ?? 0);
    expect(rest.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 21 }, (_, index) => 501 + index),
    );
    expect(await sku.ledger(521)).toEqual([]);
  });
});

describe("restocking", () => {
  it("is done once for each command id, and a repeat gives the first answer", async () => {
    const sku = await createItem({ stock: 5 });
    const first = await sku.restock(3, "found a box", "command-1");
    await sku.reserve(reservation("ada"));
    expect(await sku.restock(3, "found a box", "command-1")).toEqual(first);
    expect(await levelOf(sku)).toEqual({ stock: 8, available: 7, held: 1, sold: 0 });
    expect(await sku.restock(4, "found a box", "command-1")).toMatchObject({
      ok: false,
      code: "idempotency_conflict",
    });
    expect(await levelOf(sku)).toMatchObject({ stock: 8 });
    await sku.restock(3, "another box", "command-2");
    expect(await levelOf(sku)).toMatchObject({ stock: 11 });
  });

  it("many times at once is once", async () => {
    const sku = await createItem({ stock: 5 });
    await Promise.all(Array.from({ length: 10 }, () => sku.restock(3, "a box", "command-1")));
    expect(await levelOf(sku)).toMatchObject({ stock: 8 });
  });

  it("never takes away what is held or sold, and a refusal is not remembered", async () => {
    const sku = await createItem({ stock: 3 });
    await sku.reserve(reservation("ada"));
    expect(await sku.restock(-3, "lost", "command-1")).toMatchObject({
      code: "validation_failed",
    });
    expect(await levelOf(sku)).toEqual({ stock: 3, available: 2, held: 1, sold: 0 });
    expect(await sku.restock(-2, "lost", "command-1")).toMatchObject({ ok: true });
    expect(await levelOf(sku)).toEqual({ stock: 1, available: 0, held: 1, sold: 0 });
  });

  it("reopens what was sold out, and says when it sold out", async () => {
    const sku = await createItem({ stock: 1 });
    expect((await sku.stats())?.soldOutAtMs).toBeNull();
    await sku.reserve(reservation("ada"));
    await sku.checkout("order-of-ada-key-1", "ada", checkoutOf());
    expect((await sku.stats())?.soldOutAtMs).toBeNull();
    clock.advance(SECOND_MS);
    await sku.paymentResult("order-of-ada-key-1", 1, { kind: "authorised" });
    expect((await sku.stats())?.soldOutAtMs).toBe(NOON_MS + SECOND_MS);
    clock.advance(SECOND_MS);
    await sku.paymentResult("order-of-ada-key-1", 1, { kind: "captured" });
    expect((await sku.stats())?.soldOutAtMs).toBe(NOON_MS + SECOND_MS);
    await sku.restock(1, "one more", "command-1");
    expect((await sku.stats())?.soldOutAtMs).toBeNull();
    expect(await sku.reserve(reservation("bob"))).toMatchObject({ ok: true });
  });
});
