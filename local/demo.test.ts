import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEMO_PRODUCTS, planDemoSales } from "./demo.ts";
import { ROOT } from "./paths.ts";

const NOW_MS = Date.parse("2026-11-22T11:00:00Z");
const LATER = "2026-11-22T12:00:00.000Z";
const EARLIER = "2026-11-22T10:59:59.999Z";

test("a fresh state gets one sale that is active and one that opens in ten minutes", () => {
  const [phone, weekend, ...others] = planDemoSales([], NOW_MS);
  expect(others).toEqual([]);
  expect(phone).toMatchObject({
    saleId: "demo-phone-1",
    startsAt: "2026-11-22T10:59:59.000Z",
    endsAt: "2026-11-22T13:00:00.000Z",
    items: [{ sku: "phone-1", productId: "phone", stock: 100 }],
  });
  expect(weekend).toMatchObject({
    saleId: "demo-weekend-1",
    startsAt: "2026-11-22T11:10:00.000Z",
    queue: { prequeueStartsAt: "2026-11-22T11:00:00.000Z" },
  });
});

test.each([
  ["active", LATER, ["demo-weekend-1"]],
  ["scheduled", LATER, ["demo-weekend-1"]],
  ["sold_out", LATER, ["demo-weekend-1"]],
  ["ended", LATER, ["demo-phone-5", "demo-weekend-1"]],
  ["active", EARLIER, ["demo-phone-5", "demo-weekend-1"]],
])("after an earlier phone sale that is %s until %s: %j", (state, endsAt, expected) => {
  const existing = [
    { saleId: "demo-phone-4", state, endsAt },
    { saleId: "demo-phone-1", state: "ended", endsAt: EARLIER },
    { saleId: "demo-phone-x", state: "ended", endsAt: EARLIER },
    { saleId: "flood-7", state: "active", endsAt: LATER },
  ];
  expect(planDemoSales(existing, NOW_MS).map((sale) => sale.saleId)).toEqual(expected);
});

test("a new sale has skus of its own, since a sku belongs to one sale", () => {
  const ended = [{ saleId: "demo-phone-1", state: "ended", endsAt: EARLIER }];
  expect(planDemoSales(ended, NOW_MS)[0]?.items[0]?.sku).toBe("phone-2");
});

test("sale prices are below the regular ones and every picture exists", () => {
  const regular = new Map(DEMO_PRODUCTS.map((product) => [product.productId, product.price]));
  for (const item of planDemoSales([], NOW_MS).flatMap((sale) => sale.items)) {
    expect(item.salePrice.amount).toBeLessThan(regular.get(item.productId)?.amount ?? 0);
  }
  const pictures = readdirSync(join(ROOT, "web/public/images")).map((name) => `/images/${name}`);
  expect(pictures).toEqual(expect.arrayContaining(DEMO_PRODUCTS.flatMap(({ images }) => images)));
});
