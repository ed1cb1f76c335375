import { exports } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { checkoutOrder } from "../../workers/purchase/checkout.ts";
import type { CardReader } from "../../workers/purchase/providers/provider.ts";
import { Client, type Answer } from "../support/client.ts";
import { useTestClock } from "./support/clock.ts";
import { bindings, createItem, uniqueName } from "./support/objects.ts";
import { checkoutOf, reservation } from "./support/samples.ts";

const client = new Client(
  (path, init) => exports.default.fetch(new Request(`https://shop.example${path}`, init)),
  "admin-token-of-the-tests",
);

const HOME = { line1: "Große Straße 12a", postalCode: "10115", city: "Köln", country: "DE" };

/** A shopper with a reserved unit, and how they pay for it. */
async function withHold(saleId: string) {
  const shopper = await client.admitted(saleId);
  const body = { sku: `${saleId}-phone`, quantity: 1 };
  const path = `/sales/${saleId}/purchase`;
  const reserved = await client.call("POST", path, { ...shopper, key: "buy", body });
  const order = `/orders/${String(reserved.body["orderId"])}`;
  let payments = 0;
  const pay = (how: object, key = `pay-${++payments}`): Promise<Answer> => {
    const json = { paymentMethod: "card", paymentToken: "tok_ok", ...how };
    return client.call("POST", `${order}/checkout`, { ...shopper, key, body: json });
  };
  return { pay, show: () => client.call("GET", order, shopper) };
}

function refusalOf({ status, body }: Answer): [number, unknown, unknown] {
  return [status, body["code"], body["scope"]];
}

describe("a sale that limits units by card", () => {
  it("sells one card what it may have, whatever token stands for it", async () => {
    const created = await client.sale("cards", { limits: { perShopper: 1, perCard: 1 } });
    expect(created.body["limits"]).toEqual({ perShopper: 1, perCard: 1 });
    const [ada, bob] = [await withHold("cards"), await withHold("cards")];
    const first = await ada.pay({ paymentToken: "tok_ok#4242" }, "pay");
    expect(first.status).toBe(202);
    const paymentToken = "tok_webhook_first#4242";
    expect(refusalOf(await bob.pay({ paymentToken }))).toEqual([409, "limit_reached", "card"]);
    expect((await bob.show()).body["status"]).toBe("RESERVED");
    expect((await bob.pay({ paymentToken: "tok_ok#1881" })).status).toBe(202);
    expect((await ada.pay({ paymentToken: "tok_ok#4242" }, "pay")).text).toBe(first.text);
  });

  it("takes cash without asking about any card", async () => {
    await client.sale("cards-or-cash", { limits: { perShopper: 1, perCard: 1 } });
    for (const { pay } of [await withHold("cards-or-cash"), await withHold("cards-or-cash")])
      expect((await pay({ paymentMethod: "cod" })).body["status"]).toBe("CONFIRMED");
  });
});

describe("a sale that limits units by postal address", () => {
  it("sells one address what may go there, however it is written", async () => {
    const limits = { perShopper: 1, perPostalAddress: 1 };
    const created = await client.sale("homes", { limits });
    expect(created.body["limits"]).toEqual(limits);
    const [ada, bob] = [await withHold("homes"), await withHold("homes")];
    const nowhere = await ada.pay({});
    expect(nowhere).toMatchObject({ status: 400, body: { code: "validation_failed" } });
    expect(nowhere.body["errors"]).toMatchObject([{ path: "shippingAddress" }]);
    expect((await ada.pay({ shippingAddress: HOME })).status).toBe(202);
    const again = { ...HOME, name: "Bob", line1: "GROSSE STRASSE 12-A" };
    const refused = await bob.pay({ paymentMethod: "cod", shippingAddress: again });
    expect(refusalOf(refused)).toEqual([409, "limit_reached", "postal_address"]);
    const office = { ...HOME, line1: "Kleine Straße 1" };
    expect((await bob.pay({ shippingAddress: office })).status).toBe(202);
  });
});

describe("the provider that is asked about a card", () => {
  useTestClock();

  const nobody: CardReader = {
    fingerprint: (token) => Promise.reject(new Error(`Nobody should ask about ${token}.`)),
  };

  async function orderOf(limits: { perCard?: number }) {
    const sku = uniqueName("card");
    const item = await createItem({ sku, ...limits });
    const { orderId } = reservation("ada");
    await item.reserve(reservation("ada"));
    const pay = (cards: CardReader) =>
      checkoutOrder(bindings, cards, sku, orderId, "ada", checkoutOf());
    return { item, orderId, pay };
  }

  it("and does not answer makes the shop busy, and the same request may be sent again", async () => {
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const { item, orderId, pay } = await orderOf({ perCard: 1 });
    const down = { fingerprint: () => Promise.reject(new Error("no answer in 5000 ms")) };
    expect(await pay(down)).toMatchObject({ ok: false, code: "busy", retryAfterSeconds: 2 });
    expect(await item.order(orderId, "ada")).toMatchObject({ order: { status: "RESERVED" } });
    expect(warned.mock.lastCall?.[0]).toMatchObject({ event: "card.unknown" });
    warned.mockRestore();
    expect(await pay({ fingerprint: async () => "4242" })).toMatchObject({ ok: true });
    expect(await pay(nobody)).toMatchObject({ ok: true });
  });

  it("knows no such card: the payment is asked for, and will be declined", async () => {
    const { pay } = await orderOf({ perCard: 1 });
    expect(await pay({ fingerprint: async () => null })).toMatchObject({ ok: true });
  });

  it("is not asked where no card is limited", async () => {
    const { pay } = await orderOf({});
    expect(await pay(nobody)).toMatchObject({ ok: true });
  });
});
