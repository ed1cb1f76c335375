import { describe, expect, it } from "vitest";
import type { PaymentRequest } from "../../workers/purchase/providers/provider.ts";
import { stripeClient } from "../../workers/purchase/providers/stripe-client.ts";
import { StoredIntents } from "../../workers/purchase/providers/stripe-intents.ts";
import { StripeWebhookReader } from "../../workers/purchase/providers/stripe-webhook.ts";
import { StripeProvider } from "../../workers/purchase/providers/stripe.ts";
import { FakeStripe } from "../../workers/purchase/testing/fake-stripe.ts";
import { hmacSha256 } from "../../domain/hash.ts";
import { bindings, uniqueName } from "./support/objects.ts";
import { NOON_MS } from "./support/samples.ts";

const { DB } = bindings;

function requestOf(orderId: string): PaymentRequest {
  const idempotencyKey = `${orderId}:1`;
  return { orderId, idempotencyKey, token: "pm_card_visa", amount: 49_900, currency: "EUR" };
}

describe("Stripe in workerd", () => {
  it("is paid, captured and refunded through the SDK, and its intent stands in D1", async () => {
    const fake = new FakeStripe();
    const client = stripeClient({ secretKey: "sk_test_x", timeoutMs: 5_000, fetch: fake.fetch });
    const stripe = new StripeProvider(client, new StoredIntents(DB), "https://shop.example");
    const paid = requestOf(uniqueName("order"));
    expect(await stripe.enquire(paid)).toEqual({ kind: "unknown" });
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
    const seconds = NOON_MS / 1000;
    const mac = hmacSha256(Buffer.from("whsec_x"), `${seconds}.${body}`);
    const signature = `t=${seconds},v1=${Buffer.from(mac).toString("hex")}`;
    const reader = new StripeWebhookReader("whsec_x");
    const read = (sent: string) =>
      reader.readWebhook(sent, { "stripe-signature": signature }, NOON_MS);
    expect(await read(body)).toEqual({ ok: true, notice: null });
    expect(await read(`${body} `)).toMatchObject({ ok: false, code: "webhook_invalid" });
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
