import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

const { SKU } = env as unknown as PurchaseEnv;

describe("probe", () => {
  it("creates and reserves", async () => {
    const sku = SKU.getByName("phone");
    const control = { mode: "open" as const, startsAtMs: 0, endsAtMs: 9e12, version: 1 };
    const terms = { saleId: "s1", sku: "phone", price: { amount: 100, currency: "EUR" }, perShopper: 1, holdSeconds: 120 };
    expect(await sku.create(terms, control, 3)).toEqual({ ok: true });
    const answer = await sku.reserve({ orderId: "o1", shopper: "a", number: 1, passExpiresAtMs: 9e12, idempotencyKey: "k", bodyHash: "h", quantity: 1 });
    expect(answer).toMatchObject({ ok: true, orderId: "o1", amount: 100 });
    console.log(await sku.stats());
    await runInDurableObject(sku, (o) => { console.log(o.constructor.name) });
  });
});
