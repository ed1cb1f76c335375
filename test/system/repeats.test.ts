import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Client } from "../support/client.ts";

const { SKU } = env as unknown as PurchaseEnv;
const client = new Client(
  (path, init) => exports.default.fetch(new Request(`https://shop.example${path}`, init)),
  "admin-token-of-the-tests",
);

afterEach(() => {
  vi.useRealTimers();
});

/** The stored answer to a purchase is given again in every state of the sale. */
describe("the same key again", () => {
  async function bought(saleId: string, stock: number) {
    await client.sale(saleId, {}, stock);
    const shopper = await client.admitted(saleId);
    const body = { sku: `${saleId}-phone`, quantity: 1 };
    const buy = (key: string, quantity = 1) =>
      client.call("POST", `/sales/${saleId}/purchase`, {
        ...shopper,
        key,
        body: { ...body, quantity },
      });
    const first = await buy("k");
    expect(first.status).toBe(202);
    return { shopper, buy, first };
  }

  it("gives the same bytes, and refuses another body", async () => {
    const { buy, first } = await bought("same", 5);
    expect((await buy("k")).text).toBe(first.text);
    const other = await buy("k", 2);
    expect([other.status, other.body["code"]]).toEqual([422, "idempotency_conflict"]);
    const second = await buy("k2");
    expect(second.body).toMatchObject({ code: "limit_reached", limit: 1, held: 1, bought: 0 });
    expect((await SKU.getByName("same-phone").stats())?.level).toMatchObject({ held: 1 });
  });

  it("gives the same bytes after sold out", async () => {
    const { shopper, buy, first } = await bought("gone", 1);
    const late = await client.call("POST", "/sales/gone/purchase", {
      ...shopper,
      key: "other",
      body: { sku: "gone-phone", quantity: 1 },
    });
    expect(late.status).toBe(409);
    expect((await buy("k")).text).toBe(first.text);
  });

  it("gives the same bytes after the pass expired", async () => {
    const { buy, first } = await bought("stale", 5);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 400_000 });
    expect((await buy("k")).text).toBe(first.text);
    const fresh = await buy("k2");
    expect([fresh.status, fresh.body["code"]]).toEqual([403, "pass_expired"]);
  });

  it("gives the same bytes while the sale is paused and after it ended", async () => {
    const { buy, first } = await bought("over", 5);
    await client.admin("POST", "/sales/over/pause");
    expect((await buy("k")).text).toBe(first.text);
    expect((await buy("k2")).body["code"]).toBe("sale_paused");
    await client.admin("POST", "/sales/over/resume");
    await client.admin("POST", "/sales/over/end");
    expect((await buy("k")).text).toBe(first.text);
    expect((await buy("k2")).body["code"]).toBe("sale_ended");
  });

  it("gives the same answer to a checkout, and refuses another body", async () => {
    const { shopper, first } = await bought("paid", 5);
    const pay = (paymentToken: string) =>
      client.call("POST", `/orders/${String(first.body["orderId"])}/checkout`, {
        ...shopper,
        key: "pay",
        body: { paymentMethod: "card", paymentToken },
      });
    const paid = await pay("tok_ok");
    expect(paid.status).toBe(202);
    expect((await pay("tok_ok")).text).toBe(paid.text);
    const other = await pay("tok_decline");
    expect([other.status, other.body["code"]]).toEqual([422, "idempotency_conflict"]);
  });
});
