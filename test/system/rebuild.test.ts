import { describe, expect, it } from "vitest";
import { drill, type Comparison } from "../../books/drill.ts";
import type { Shop } from "../../books/shop.ts";
import { eventually, useTestClock } from "./support/clock.ts";
import { useFreshTables } from "./support/fresh-tables.ts";
import { bindings } from "./support/objects.ts";
import { createSale } from "./support/sales.ts";
import { checkoutOf, reservation } from "./support/samples.ts";

useTestClock();
useFreshTables();
const { BOOKS, DB, PURCHASE, SKU } = bindings;

/** The books as `npm run rebuild` asks for them, without the way there. */
const shop: Pick<Shop, "post"> = {
  post: async (_, body) => {
    const { cursor = null, restore } = body as { cursor?: string; restore: boolean };
    const by = { actor: "staff:bea", reason: null };
    const answer = await BOOKS.rebuild(cursor, restore, by);
    if (!answer.ok) throw new Error(answer.detail);
    const { cursor: next, ...step } = answer.step;
    return JSON.stringify(next === null ? step : { ...step, cursor: next });
  },
};

/** Waits while the projection is behind. */
const settled = (): Promise<void> =>
  eventually(async () => {
    const { results } = await DB.prepare(
      `SELECT 1 FROM rebuilt_ledger_event r WHERE NOT EXISTS
         (SELECT 1 FROM ledger_event l WHERE l.sku = r.sku AND l.sequence = r.sequence)
       UNION ALL SELECT 1 FROM rebuilt_audit_entry r WHERE NOT EXISTS
         (SELECT 1 FROM audit_entry l WHERE l.chain = r.chain AND l.sequence = r.sequence)`,
    ).all();
    expect(results).toEqual([]);
  });

/** Every row that a comparison names, and what is wrong with it. */
function namesIn({ tables }: Comparison): string[] {
  return tables.flatMap(({ table, named }) =>
    named.map(({ verdict, key }) => `${table} ${verdict} ${key}`),
  );
}

/** A sale with an order that was declined and then confirmed, one that was cancelled, one that is held. */
async function soldSale(): Promise<string> {
  const { definition } = await createSale();
  const sku = definition.items[0]?.sku ?? "";
  const item = SKU.getByName(sku);
  for (const shopper of ["ada", "bob", "cyd"])
    await item.reserve(reservation(shopper, { orderId: `${sku}-${shopper}` }));
  await item.checkout(`${sku}-ada`, "ada", checkoutOf());
  await item.paymentResult(`${sku}-ada`, 1, { kind: "declined", reason: "no_funds" });
  await item.checkout(`${sku}-ada`, "ada", checkoutOf({ idempotencyKey: "checkout-2" }));
  await item.paymentResult(`${sku}-ada`, 2, { kind: "authorised" });
  await PURCHASE.cancel(sku, `${sku}-bob`, "bob");
  return sku;
}

describe("a rebuild of real chains", () => {
  it("is equal; names what was damaged; puts it right; and is equal again", async () => {
    const [sku, other] = [await soldSale(), await soldSale()];
    const first = await drill(shop, false, settled);
    expect(namesIn(first.found)).toEqual([]);
    expect(first.found.isEqual).toBe(true);
    const rows = Object.fromEntries(first.found.tables.map((table) => [table.table, table.rows]));
    expect(rows).toMatchObject({ orders: 6, payment: 4, stock_level: 2, message: 10 });
    expect(rows["ledger_event"]).toBeGreaterThanOrEqual(18);
    // Created by each sale's line; products and sales by the shop.
    expect(rows["audit_entry"]).toBeGreaterThanOrEqual(4);
    expect(first.read).toBe(Number(rows["ledger_event"]) + Number(rows["audit_entry"]));

    await DB.batch([
      DB.prepare("DELETE FROM orders WHERE order_id = ?").bind(`${sku}-ada`),
      DB.prepare("UPDATE orders SET amount = 1 WHERE order_id = ?").bind(`${other}-bob`),
      DB.prepare("DELETE FROM payment WHERE order_id = ? AND attempt = 1").bind(`${other}-ada`),
      DB.prepare("UPDATE stock_level SET sold = sold + 1 WHERE sku = ?").bind(sku),
      DB.prepare(
        "UPDATE message SET event_id = event_id || '0' WHERE shopper = 'cyd' AND sku = ?",
      ).bind(sku),
    ]);
    const damaged = await drill(shop, false, settled);
    expect(damaged.found.isEqual).toBe(false);
    expect(namesIn(damaged.found)).toEqual([
      `orders missing ${sku}-ada`,
      `orders different ${other}-bob`,
      `payment missing ${other}-ada 1`,
      `stock_level different ${sku}`,
      expect.stringMatching(`^message missing item/${sku}/\\d cyd$`) as unknown,
      expect.stringMatching(`^message surplus item/${sku}/\\d0 cyd$`) as unknown,
    ]);
    const restored = await drill(shop, true, settled);
    expect(restored.found.tables.reduce((sum, { mended }) => sum + mended, 0)).toBe(6);
    expect(restored.after?.isEqual).toBe(true);
    const { rows: told } = (await BOOKS.history("shop", 0)) ?? { rows: [] };
    expect(told.filter(({ text }) => text.includes('"tables_restored"'))).toMatchObject([
      { text: expect.stringContaining('"staff:bea"') as unknown },
    ]);
    expect((await drill(shop, false, settled)).found.isEqual).toBe(true);
  });

  it("is refused once another one has begun, which goes on alone", async () => {
    await soldSale();
    const begin = async () => {
      const answer = await BOOKS.rebuild(null, false);
      return answer.ok ? answer.step.cursor : null;
    };
    const [earlier, later] = [await begin(), await begin()];
    expect(await BOOKS.rebuild(later, false)).toMatchObject({ ok: true });
    const answer = await BOOKS.rebuild(earlier, false);
    expect(answer).toMatchObject({ ok: false, code: "rebuild_overtaken" });
    expect(await BOOKS.rebuild(later, false)).toMatchObject({ ok: true });
  });
});
