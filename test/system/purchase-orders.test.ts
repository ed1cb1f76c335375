import { createMessageBatch, runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { OrderRow } from "../../domain/purchase/ledger.ts";
import { consumeLedger } from "../../workers/purchase/consumers/projection.ts";
import { eventually, useTestClock } from "./support/clock.ts";
import { bindings, levelOf, rowsOf, uniqueName } from "./support/objects.ts";
import { createProduct, createSale } from "./support/sales.ts";
import { checkoutOf, reservation, SECOND_MS } from "./support/samples.ts";

const clock = useTestClock();

/** A second, and a fifth more. */
const LONGEST_FIRST_PAUSE_MS = 1_200;
const { PURCHASE, SKU } = bindings;

/** A sale of ten units whose one item is known. */
async function saleOfOne() {
  const { definition } = await createSale();
  const { saleId, items } = definition;
  const sku = items[0]?.sku ?? "";
  return { saleId, sku, item: SKU.getByName(sku) };
}

/** Waits until the consumer has acknowledged everything that an item wrote. */
async function projected(sku: string): Promise<void> {
  await eventually(async () => {
    const [row] = await rowsOf<{ behind: number }>(
      SKU.getByName(sku),
      "SELECT sequence - projected_through AS behind FROM item",
    );
    expect(row?.behind).toBe(0);
  });
}

async function allRows(
  page: (cursor: string | null) => Promise<{ rows: OrderRow[]; cursor: string | null }>,
): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const { rows, cursor: next } = await page(cursor);
    pages.push(rows.map((row) => row.orderId));
    cursor = next;
  } while (cursor !== null && pages.length < 20);
  return pages;
}

describe("an order", () => {
  it("is read from its writer until it is final, and from the projection alone after", async () => {
    const { sku, item } = await saleOfOne();
    const orderId = uniqueName("order");
    await item.reserve(reservation("ada", { orderId }));
    const reserved = await PURCHASE.order(sku, orderId, "ada");
    expect(reserved).toMatchObject({ orderId, status: "RESERVED", version: 1 });
    await projected(sku);
    expect(await PURCHASE.order(sku, orderId, "ada")).toEqual(reserved);
    await PURCHASE.cancel(sku, orderId, "ada");
    await projected(sku);
    const asked = (await item.stats())?.calls["shopper.order"];
    expect(await PURCHASE.order(sku, orderId, "ada")).toMatchObject({ status: "CANCELLED" });
    expect((await item.stats())?.calls["shopper.order"]).toBe(asked);
  });

  it("never goes back: a projection that is behind does not answer while a payment is open", async () => {
    const { saleId, sku, item } = await saleOfOne();
    const orderId = uniqueName("order");
    await item.reserve(reservation("ada", { orderId }));
    await item.checkout(orderId, "ada", checkoutOf());
    await item.paymentResult(orderId, 1, { kind: "authorised" });
    const events = await item.ledger(0);
    await item.paymentResult(orderId, 1, { kind: "captured" });
    const page = { id: "page", timestamp: new Date(), attempts: 1 };
    const body = { saleId, sku, fromSequence: 1, events };
    await consumeLedger(bindings, createMessageBatch("ropeline-ledger", [{ ...page, body }]));
    expect(await PURCHASE.order(sku, orderId, "ada")).toMatchObject({
      status: "CONFIRMED",
      paymentState: "captured",
      version: 4,
    });
  });

  it("is nobody else's, before and after it is final", async () => {
    const { sku, item } = await saleOfOne();
    const orderId = uniqueName("order");
    await item.reserve(reservation("ada", { orderId }));
    expect(await PURCHASE.order(sku, orderId, "bob")).toBeNull();
    await PURCHASE.cancel(sku, orderId, "ada");
    await projected(sku);
    expect(await PURCHASE.order(sku, orderId, "bob")).toBeNull();
    expect(await PURCHASE.order(sku, "no-such-order", "ada")).toBeNull();
    expect(await PURCHASE.cancel(sku, orderId, "bob")).toMatchObject({ code: "not_found" });
    expect(await PURCHASE.checkout(sku, orderId, "bob", checkoutOf())).toMatchObject({
      code: "not_found",
    });
  });
});

describe("lists of orders", () => {
  it("have the newest first, in pages that neither repeat nor leave out", async () => {
    const { saleId, sku, item } = await saleOfOne();
    const made: string[] = [];
    for (const shopper of ["ada", "bob", "cyd", "dan", "eve"]) {
      const orderId = `${sku}-${shopper}`;
      await item.reserve(reservation(shopper, { orderId }));
      made.unshift(orderId);
      if (shopper !== "cyd") clock.advance(SECOND_MS);
    }
    await projected(sku);
    const pages = await allRows((cursor) =>
      PURCHASE.allOrders({ saleId, status: null }, cursor, 2),
    );
    expect(pages).toEqual([made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
  });

  it("are narrowed by sale, status and shopper", async () => {
    const { saleId, sku, item } = await saleOfOne();
    const other = await saleOfOne();
    const shopper = uniqueName("shopper");
    await item.reserve(reservation(shopper, { orderId: `${sku}-1` }));
    await item.reserve(reservation("bob", { orderId: `${sku}-2` }));
    await item.cancel(`${sku}-2`, "bob");
    await other.item.reserve(reservation(shopper, { orderId: `${other.sku}-3` }));
    await Promise.all([projected(sku), projected(other.sku)]);
    const idsOf = async (filter: { saleId: string | null; status: string | null }) =>
      (await allRows((cursor) => PURCHASE.allOrders(filter, cursor, 100))).flat();
    expect(new Set(await idsOf({ saleId, status: null }))).toEqual(
      new Set([`${sku}-1`, `${sku}-2`]),
    );
    expect(await idsOf({ saleId, status: "CANCELLED" })).toEqual([`${sku}-2`]);
    expect(await idsOf({ saleId, status: "CONFIRMED" })).toEqual([]);
    expect(await idsOf({ saleId: null, status: null })).toEqual(
      expect.arrayContaining([`${sku}-1`, `${sku}-2`, `${other.sku}-3`]),
    );
    const own = await PURCHASE.ordersOf(shopper, null, 100);
    expect(new Set(own.rows.map((row) => row.orderId))).toEqual(
      new Set([`${sku}-1`, `${other.sku}-3`]),
    );
    expect(own.cursor).toBeNull();
  });

  it.each(["", "nonsense", "!!!", "MTIz", "bm90LWEtdGltZSBvcmRlcg"])(
    "begin anew at a cursor that is not ours: %j",
    async (cursor) => {
      const { saleId, sku, item } = await saleOfOne();
      await item.reserve(reservation("ada", { orderId: `${sku}-1` }));
      await projected(sku);
      const page = await PURCHASE.allOrders({ saleId, status: null }, cursor, 10);
      expect(page.rows.map((row) => row.orderId)).toEqual([`${sku}-1`]);
    },
  );
});

describe("a list that may come from a replica", () => {
  it("is read in a session that begins where an earlier read ended", async () => {
    const { saleId, sku, item } = await saleOfOne();
    await item.reserve(reservation("ada", { orderId: `${sku}-1` }));
    await projected(sku);
    const filter = { saleId, status: null };
    const first = await PURCHASE.allOrders(filter, null, 10);
    expect(first.bookmark).toMatch(/^[0-9a-f-]+$/);
    const second = await PURCHASE.allOrders(filter, null, 10, first.bookmark);
    expect(second.rows).toEqual(first.rows);
    for (const invented of ["first-primary", "nonsense", ""])
      expect((await PURCHASE.allOrders(filter, null, 10, invented)).rows).toEqual(first.rows);
    await item.cancel(`${sku}-1`, "ada");
    await projected(sku);
    // A single order comes from the primary, and a list after it is no older.
    const order = await PURCHASE.order(sku, `${sku}-1`, "ada");
    expect(order?.bookmark).toMatch(/^[0-9a-f-]+$/);
    const own = await PURCHASE.ordersOf("ada", null, 10, order?.bookmark);
    expect(own.rows.find(({ orderId }) => orderId === `${sku}-1`)?.status).toBe("CANCELLED");
  });
});

describe("from reservation to the end, with real queues", () => {
  async function paid(paymentToken: string) {
    const { saleId, sku, item } = await saleOfOne();
    const orderId = uniqueName("order");
    await item.reserve(reservation("ada", { orderId }));
    await PURCHASE.checkout(sku, orderId, "ada", checkoutOf({ paymentToken }));
    await runDurableObjectAlarm(item);
    return { saleId, sku, orderId, item };
  }

  async function messagesOf(orderId: string): Promise<unknown[]> {
    const query = "SELECT kind FROM message WHERE order_id = ? ORDER BY kind";
    const rows = await bindings.DB.prepare(query).bind(orderId).all();
    return rows.results.map((row) => row["kind"]);
  }

  it("tok_ok: confirmed and captured, projected, one message of each kind", async () => {
    const { saleId, sku, orderId } = await paid("tok_ok");
    await eventually(async () => {
      expect(await PURCHASE.order(sku, orderId, "ada")).toMatchObject({
        status: "CONFIRMED",
        paymentState: "captured",
        paymentAttempts: 1,
      });
    });
    await projected(sku);
    expect(
      (await PURCHASE.allOrders({ saleId, status: "CONFIRMED" }, null, 10)).rows,
    ).toMatchObject([{ orderId, paymentState: "captured", version: 4 }]);
    expect(await messagesOf(orderId)).toEqual(["confirmed", "reserved"]);
  });

  it("a refund: the money comes back, then the unit, and the shopper is told", async () => {
    const { saleId, sku, orderId, item } = await paid("tok_ok");
    await eventually(async () => {
      expect(await PURCHASE.order(sku, orderId, "ada")).toMatchObject({ paymentState: "captured" });
    });
    await PURCHASE.actOnPayment(sku, orderId, "refund", { actor: "u_admin", reason: "broken" });
    await runDurableObjectAlarm(item);
    await eventually(async () => {
      expect(await PURCHASE.order(sku, orderId, "ada")).toMatchObject({ status: "REFUNDED" });
    });
    await projected(sku);
    expect((await PURCHASE.allOrders({ saleId, status: "REFUNDED" }, null, 10)).rows).toMatchObject(
      [{ orderId, paymentState: "refunded", paymentMethod: "card" }],
    );
    expect(await messagesOf(orderId)).toEqual(["confirmed", "refunded", "reserved"]);
    expect(await levelOf(item)).toEqual({ stock: 10, available: 10, held: 0, sold: 0 });
  });

  it("what the provider refuses is listed for a person until it is put right", async () => {
    const { saleId, sku, orderId, item } = await paid("tok_ok");
    await eventually(async () => {
      expect(await PURCHASE.order(sku, orderId, "ada")).toMatchObject({ paymentState: "captured" });
    });
    const attention = async () => (await PURCHASE.attention(saleId, null, 10)).rows;
    await projected(sku);
    expect(await attention()).toEqual([]);
    const by = { actor: "u_admin", reason: "by bank transfer" };
    await PURCHASE.actOnPayment(sku, orderId, "refund", by);
    await item.paymentResult(orderId, 1, { kind: "refused", step: "refund", reason: "too old" });
    await projected(sku);
    expect(await attention()).toMatchObject([
      { orderId, paymentState: "refunding", paymentAttention: "refund refused: too old" },
    ]);
    await PURCHASE.actOnPayment(sku, orderId, "resolvePayment", by);
    await projected(sku);
    expect(await attention()).toEqual([]);
    expect(await PURCHASE.order(sku, orderId, "ada")).toMatchObject({
      status: "REFUNDED",
      paymentState: "by_hand",
    });
  });

  it("tok_decline: back to reserved, and expired in the end", async () => {
    const { sku, orderId, item } = await paid("tok_decline");
    await eventually(async () => {
      expect(await PURCHASE.order(sku, orderId, "ada")).toMatchObject({
        status: "RESERVED",
        paymentState: "declined",
        paymentError: "card_declined",
      });
    });
    clock.advance(120 * SECOND_MS);
    await runDurableObjectAlarm(item);
    await projected(sku);
    expect(await PURCHASE.order(sku, orderId, "ada")).toMatchObject({ status: "PAYMENT_FAILED" });
    expect(await messagesOf(orderId)).toEqual(["failed", "reserved"]);
  });

  it("tok_timeout: asked again after a second, then known", async () => {
    const { sku, orderId, item } = await paid("tok_timeout");
    await eventually(async () => {
      const [row] = await rowsOf<{ due: number }>(item, "SELECT asks_at_ms AS due FROM hold");
      expect(row?.due).toBeLessThanOrEqual(clock.now() + LONGEST_FIRST_PAUSE_MS);
    });
    clock.advance(LONGEST_FIRST_PAUSE_MS);
    await runDurableObjectAlarm(item);
    await eventually(async () => {
      const order = await PURCHASE.order(sku, orderId, "ada");
      expect(["captured", "declined"]).toContain(order?.paymentState);
    });
  });
});

describe("the summary of a sale", () => {
  it("has orders and revenue from the projection and units from their writers", async () => {
    const { saleId, sku, item } = await saleOfOne();
    for (const shopper of ["ada", "bob", "cyd"])
      await item.reserve(reservation(shopper, { orderId: `${sku}-${shopper}` }));
    await item.reserve(
      reservation("ada", { orderId: `${sku}-ada-2`, idempotencyKey: "key-2", quantity: 1 }),
    );
    await item.checkout(`${sku}-ada`, "ada", checkoutOf());
    await item.paymentResult(`${sku}-ada`, 1, { kind: "authorised" });
    await item.cancel(`${sku}-bob`, "bob");
    await projected(sku);
    const summary = await PURCHASE.summary(saleId);
    expect(summary).toMatchObject({
      saleId,
      sold: 1,
      revenue: { amount: 49_900, currency: "EUR" },
      orders: { byStatus: { CONFIRMED: 1, CANCELLED: 1, RESERVED: 2 } },
      shoppers: 3,
      oversold: 0,
      soldOutAtMs: null,
      objects: {
        skus: [{ level: { sku, stock: 10, available: 7, held: 2, sold: 1 } }],
        queue: { sequencer: { line: { lastNumber: 0 } }, lanes: {} },
      },
    });
    expect(await PURCHASE.summary("no-such-sale")).toBeNull();
  });

  it("says when everything was sold, which is when the last item was", async () => {
    const productId = await createProduct();
    const salePrice = { amount: 100, currency: "EUR" };
    const skus = [uniqueName("sku"), uniqueName("sku")];
    const { definition } = await createSale({
      items: skus.map((sku) => ({ sku, productId, salePrice, stock: 1 })),
    });
    const times: (number | null)[] = [];
    for (const sku of skus) {
      const item = SKU.getByName(sku);
      clock.advance(SECOND_MS);
      await item.reserve(reservation("ada", { orderId: `${sku}-1` }));
      await item.checkout(`${sku}-1`, "ada", checkoutOf());
      await item.paymentResult(`${sku}-1`, 1, { kind: "authorised" });
      times.push((await PURCHASE.summary(definition.saleId))?.soldOutAtMs ?? null);
    }
    expect(times).toEqual([null, clock.now()]);
  });

  it("counts the calls of every lane", async () => {
    const { saleId } = await saleOfOne();
    for (const lane of [0, 3])
      await bindings.QUEUE_LANE.getByName(`${saleId}/${lane}`).claim("nobody", 1);
    const summary = await PURCHASE.summary(saleId);
    expect(summary?.objects.queue?.lanes).toEqual({ "shopper.claim": 2 });
    expect(await bindings.WAITING_ROOM.stats("no-such-sale", 8)).toBeNull();
    expect(await bindings.WAITING_ROOM.board("no-such-sale")).toBeNull();
  });
});

describe("an item with intakes", () => {
  it("has what they were called for in the summary; who goes by one has an order like any other", async () => {
    const productId = await createProduct();
    const sku = uniqueName("sku");
    const salePrice = { amount: 100, currency: "EUR" };
    const { definition } = await createSale({
      items: [{ sku, productId, salePrice, stock: 2, intakes: 2 }],
    });
    for (const [intake, shopper] of ["ada", "bob", "cyd"].entries())
      await bindings.SKU_INTAKE.getByName(`${sku}/${intake % 2}`).reserve(
        reservation(shopper, { orderId: `${sku}-${shopper}` }),
        2,
      );
    const summary = await PURCHASE.summary(definition.saleId);
    expect(summary?.objects.intakes).toEqual({ "shopper.reserve": 3, "intake.batch": 3 });
    expect(summary?.objects.skus[0]).toMatchObject({
      level: { held: 2, available: 0 },
      calls: { "intake.batch": 3 },
      refusals: { sold_out: 1 },
    });
    expect(await PURCHASE.order(sku, `${sku}-ada`, "ada")).toMatchObject({ status: "RESERVED" });
  });
});

describe("an admin", () => {
  it("restocks through the service and reads the ledger", async () => {
    const { sku } = await saleOfOne();
    expect(await PURCHASE.restock(sku, 5, "a box", "command-1")).toMatchObject({
      ok: true,
      level: { stock: 15 },
    });
    const events = await PURCHASE.ledger(sku, 1);
    expect(events).toMatchObject([{ sequence: 2, type: "restocked", reason: "a box" }]);
  });
});
