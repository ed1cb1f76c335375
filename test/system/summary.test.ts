import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { ledgerEvents } from "../../d1/schema.ts";
import { closingFigures } from "../../workers/purchase/closing-figures.ts";
import { database } from "../../workers/purchase/database.ts";
import { Client } from "../support/client.ts";
import { bindings, uniqueName } from "./support/objects.ts";
import { NOON_MS } from "./support/samples.ts";

const client = new Client(
  (path, init) => exports.default.fetch(new Request(`https://shop.example${path}`, init)),
  "admin-token-of-the-tests",
);

/** Writes confirmations as the projection does: when, and how long after the hold. */
async function confirm(saleId: string, confirmations: [atMs: number, tookMs: number][]) {
  const rows = confirmations.map(([atMs, tookMs], index) => ({
    sku: `${saleId}-phone`,
    sequence: index + 1,
    saleId,
    atMs,
    // Paid by card or on delivery: both are confirmed.
    type: index % 2 === 0 ? "confirmed" : "cash_confirmed",
    orderId: `order-${index}`,
    body: JSON.stringify({ order: { createdAtMs: atMs - tookMs } }),
  }));
  const db = database(bindings);
  for (let from = 0; from < rows.length; from += 10)
    await db.insert(ledgerEvents).values(rows.slice(from, from + 10));
}

it("finds the fastest minute wherever it lies, and how long buying took", async () => {
  const saleId = uniqueName("figures");
  expect(await closingFigures(bindings, saleId)).toEqual({ peakPerMinute: 0, purchaseMs: null });
  await confirm(saleId, [
    [NOON_MS, 4_000],
    // Three within 60 seconds, over two minutes of the clock; the fourth is one millisecond late.
    [NOON_MS + 90_000, 1_000],
    [NOON_MS + 120_000, 2_000],
    [NOON_MS + 149_999, 3_000],
    [NOON_MS + 150_000, 5_000],
  ]);
  await confirm(uniqueName("figures"), [[NOON_MS + 100_000, 9_000]]);
  expect(await closingFigures(bindings, saleId)).toEqual({
    peakPerMinute: 3,
    purchaseMs: { p50: 3_000, p90: 5_000, p99: 5_000 },
  });
});

it("asks an index alone for them", async () => {
  const { results } = await bindings.DB.prepare(
    `EXPLAIN QUERY PLAN SELECT at_ms, body ->> '$.order.createdAtMs' FROM ledger_event
     WHERE sale_id = ? AND type IN ('confirmed', 'cash_confirmed')`,
  )
    .bind("drop")
    .all<{ detail: string }>();
  expect(results[0]?.detail).toContain("COVERING INDEX ledger_event_confirmed");
});

it("says after the end who came, who bought, and how long it took", async () => {
  await client.sale("summed");
  const shoppers = [await client.admitted("summed"), await client.admitted("summed")];
  const [buyer] = shoppers;
  const body = { sku: "summed-phone", quantity: 1 };
  const bought = await client.call("POST", "/sales/summed/purchase", { ...buyer, key: "k", body });
  await client.call("POST", `/orders/${String(bought.body["orderId"])}/checkout`, {
    ...buyer,
    key: "k",
    body: { paymentMethod: "card", paymentToken: "tok_ok" },
  });
  const open = await client.until(
    () => client.admin("GET", "/sales/summed/summary"),
    (answer) => answer.body["buyers"] === 1,
  );
  const refunds = { orders: 0, amount: { amount: 0, currency: "EUR" } };
  const people = {
    sold: 1,
    shoppers: 1,
    joined: 2,
    buyers: 1,
    conversion: 0.5,
    oversold: 0,
    refunds,
  };
  expect(open.body).toMatchObject({
    ...people,
    peakPerMinute: null,
    waitMs: null,
    purchaseMs: null,
  });

  await client.admin("POST", "/sales/summed/end");
  const closed = await client.admin("GET", "/sales/summed/summary");
  const percentiles = { p50: expect.any(Number), p90: expect.any(Number), p99: expect.any(Number) };
  expect(closed.body).toMatchObject({
    ...people,
    peakPerMinute: 1,
    waitMs: percentiles,
    waitSampledEvery: 1,
    purchaseMs: percentiles,
  });
  const csv = await client.admin("GET", "/sales/summed/summary?format=csv");
  expect(csv.text.split("\r\n")).toEqual(
    expect.arrayContaining(["figure,value", "conversion,0.5", "oversold,0", "peakPerMinute,1"]),
  );
});
