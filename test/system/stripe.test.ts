import { createExecutionContext } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { hmacSha256 } from "../../domain/hash.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import {
  cardReaderOf,
  providerName,
  providerOf,
  webhookReaderOf,
} from "../../workers/purchase/providers/index.ts";
import type { PaymentRequest } from "../../workers/purchase/providers/provider.ts";
import { stripeClient } from "../../workers/purchase/providers/stripe-client.ts";
import { StoredIntents } from "../../workers/purchase/providers/stripe-intents.ts";
import { StripeWebhookReader } from "../../workers/purchase/providers/stripe-webhook.ts";
import { StripeProvider } from "../../workers/purchase/providers/stripe.ts";
import { PurchaseService } from "../../workers/purchase/service.ts";
import { FakeStripe } from "../../workers/purchase/testing/fake-stripe.ts";
import { receiveWebhook } from "../../workers/purchase/webhooks.ts";
import { useTestClock } from "./support/clock.ts";
import { bindings, levelOf, uniqueName } from "./support/objects.ts";
import { NOON_MS } from "./support/samples.ts";
import { payingOrder } from "./support/webhooks.ts";

const { DB } = bindings;

function requestOf(orderId: string): PaymentRequest {
  const idempotencyKey = `${orderId}:1`;
  return { orderId, idempotencyKey, token: "pm_card_visa", amount: 49_900, currency: "EUR" };
}

/** What Stripe would sign at noon. */
function signed(body: string, secret: string): string {
  const seconds = NOON_MS / 1000;
  const mac = hmacSha256(Buffer.from(secret), `${seconds}.${body}`);
  return `t=${seconds},v1=${Buffer.from(mac).toString("hex")}`;
}

describe("Stripe in workerd", () => {
  it("is paid, captured and refunded through the SDK, and its intent stands in D1", async () => {
    const fake = new FakeStripe();
    const client = stripeClient({ secretKey: "sk_test_x", timeoutMs: 5_000, fetch: fake.fetch });
    const stripe = new StripeProvider(client, new StoredIntents(DB), "https://shop.example");
    const paid = requestOf(uniqueName("order"));
    expect(await stripe.enquire(paid)).toEqual({ kind: "unknown", isPending: true });
    expect(await stripe.authorise(paid)).toEqual({ kind: "authorised" });
    expect(await stripe.capture(paid)).toEqual({ kind: "captured" });
    expect(await stripe.refund(paid)).toEqual({ kind: "refunded" });
    const row = await DB.prepare("SELECT intent_id FROM stripe_intent WHERE idempotency_key = ?")
      .bind(paid.idempotencyKey)
      .first();
    expect(row).toEqual({ intent_id: "pi_1" });
  });

  it("gives a call up in the time that it has", async () => {
    const fake = new FakeStripe();
    const client = stripeClient({ secretKey: "sk_test_x", timeoutMs: 20, fetch: fake.fetch });
    const stripe = new StripeProvider(client, new StoredIntents(DB), "https://shop.example");
    fake.failNext(/./, "hangs");
    const failure = stripe.authorise(requestOf(uniqueName("order"))).catch(String);
    expect(await failure).toContain("StripeConnectionError");
  });

  it("verifies a webhook", async () => {
    const body = JSON.stringify({ id: "evt_1", type: "customer.created", data: { object: {} } });
    const signature = signed(body, "whsec_x");
    const reader = new StripeWebhookReader("whsec_x");
    const read = (sent: string) =>
      reader.readWebhook(sent, { "stripe-signature": signature }, NOON_MS);
    expect(await read(body)).toEqual({ ok: true, notice: null });
    expect(await read(`${body} `)).toMatchObject({ ok: false, code: "webhook_invalid" });
  });
});

describe("with Stripe as the provider in use", () => {
  useTestClock();

  const SECRET = "whsec_x";
  const env = { ...bindings, PAYMENT_PROVIDER: "stripe", STRIPE_WEBHOOK_SECRET: SECRET };

  /** Sends an event of a payment as Stripe would. */
  function tell(
    name: string,
    orderId: string,
    changes: object = {},
    type = "payment_intent.succeeded",
  ) {
    const object = {
      id: "pi_1",
      amount: 49_900,
      amount_received: 49_900,
      currency: "eur",
      metadata: { orderId, attempt: "1" },
      status: "succeeded",
      ...changes,
    };
    const event = { id: `evt_${type}`, type, data: { object } };
    const body = JSON.stringify(event);
    const headers = { "stripe-signature": signed(body, SECRET) };
    const reader = webhookReaderOf(name, env);
    return reader && receiveWebhook(env, reader, { body, headers }, NOON_MS);
  }

  it("its webhooks move orders, once", async () => {
    const { item, orderId } = await payingOrder();
    for (let times = 0; times < 2; times++)
      expect(await tell("stripe", orderId)).toEqual({ ok: true });
    expect(
      await tell("default", orderId, { status: "canceled" }, "payment_intent.canceled"),
    ).toEqual({
      ok: true,
    });
    expect(await item.order(orderId, "ada")).toMatchObject({
      order: { status: "CONFIRMED", paymentState: "captured" },
    });
    expect((await item.ledger(0)).filter(({ type }) => type === "confirmed")).toHaveLength(1);
  });

  it("a refund in its dashboard refunds the order, and its unit is to be had again", async () => {
    const { item, orderId } = await payingOrder();
    await tell("stripe", orderId);
    const whole = { amount_captured: 49_900, amount_refunded: 49_900, refunded: true };
    const charge = { captured: true, status: "succeeded", ...whole };
    const part = { ...charge, amount_refunded: 100, refunded: false };
    expect(await tell("stripe", orderId, part, "charge.refunded")).toEqual({ ok: true });
    expect(await item.order(orderId, "ada")).toMatchObject({ order: { status: "CONFIRMED" } });
    for (let times = 0; times < 2; times++)
      expect(await tell("stripe", orderId, charge, "charge.refunded")).toEqual({ ok: true });
    expect(await item.order(orderId, "ada")).toMatchObject({
      order: { status: "REFUNDED", paymentState: "refunded" },
    });
    expect(await levelOf(item)).toEqual({ stock: 1, available: 1, held: 0, sold: 0 });
  });

  it("the sandbox's books and its bank are not there", async () => {
    const service = new PurchaseService(createExecutionContext(), env);
    expect(await service.sandboxPayments("phone", null, 5)).toBeNull();
    expect(await service.bank("a.b", "approve")).toMatchObject({ code: "not_found" });
    const ofSandbox = new PurchaseService(createExecutionContext(), bindings);
    expect(await ofSandbox.sandboxPayments("phone", null, 5)).toEqual({ rows: [], cursor: null });
  });

  it("a webhook of another sum, or of no order, moves none", async () => {
    const { item, orderId } = await payingOrder();
    expect(await tell("stripe", orderId, { amount_received: 100 })).toMatchObject({
      code: "validation_failed",
      errors: [{ path: "amount" }],
    });
    expect(await tell("stripe", orderId, { currency: "usd" })).toMatchObject({
      code: "validation_failed",
      errors: [{ path: "currency" }],
    });
    expect(await tell("stripe", "no-order")).toMatchObject({ code: "not_found" });
    expect(await tell("stripe", orderId, { metadata: {} })).toEqual({ ok: true });
    expect(await item.order(orderId, "ada")).toMatchObject({
      order: { status: "PAYMENT_PENDING" },
    });
  });

  it("nobody else's webhooks are taken, and Stripe's not while it is the sandbox", () => {
    expect(webhookReaderOf("sandbox", env)).toBeNull();
    expect(webhookReaderOf("stripe", bindings)).toBeNull();
  });

  it("a setting that is missing or wrong says which, at its first use", async () => {
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const pay = async (settings: object): Promise<string> => {
      const provider = providerOf({ ...env, ...settings }, systemRuntime, () => undefined);
      expect(await provider.authorise(requestOf("order-1"))).toEqual({ kind: "unknown" });
      return JSON.stringify(warned.mock.lastCall);
    };
    expect(await pay({})).toContain("STRIPE_SECRET_KEY is not set");
    expect(await pay({ STRIPE_SECRET_KEY: "sk_test_x" })).toContain("PUBLIC_URL is not set");
    warned.mockRestore();
    const unset = { ...env, STRIPE_WEBHOOK_SECRET: " " };
    const read = webhookReaderOf("stripe", unset)?.readWebhook("{}", {}, NOON_MS);
    await expect(read).rejects.toThrow("STRIPE_WEBHOOK_SECRET is not set");
    const cards = cardReaderOf(env, systemRuntime);
    await expect(cards.fingerprint("pm_1")).rejects.toThrow("STRIPE_SECRET_KEY is not set");
    expect(() => providerName({ PAYMENT_PROVIDER: "paypal" })).toThrow('not "paypal"');
  });
});

describe("the book of intents", () => {
  it("keeps the first intent of a key", async () => {
    const book = new StoredIntents(DB);
    const key = uniqueName("key");
    expect(await book.find(key)).toBeNull();
    const ids = await Promise.all([book.remember(key, "pi_a"), book.remember(key, "pi_b")]);
    expect(ids[0]).toBe(ids[1]);
    expect(await book.remember(key, "pi_c")).toBe(ids[0]);
    expect(await book.find(key)).toBe(ids[0]);
  });
});
