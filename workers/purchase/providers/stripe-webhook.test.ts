import { Stripe } from "stripe";
import { describe, expect, it } from "vitest";
import type { PaymentNotice } from "../../../domain/purchase/notice.ts";
import { NOON_MS, SECOND_MS } from "../../../test/system/support/samples.ts";
import { chargeOf } from "../testing/fake-stripe.ts";
import { StripeWebhookReader } from "./stripe-webhook.ts";

const SECRET = "whsec_of_the_tests";
const reader = new StripeWebhookReader(SECRET);

const INTENT = {
  id: "pi_1",
  object: "payment_intent",
  amount: 49_900,
  amount_capturable: 49_900,
  amount_received: 0,
  currency: "eur",
  last_payment_error: null,
  latest_charge: "ch_1",
  metadata: { orderId: "order-1", attempt: "2" },
  next_action: null,
  status: "requires_capture",
};
const AUTHORISED = eventOf("payment_intent.amount_capturable_updated", INTENT);

function eventOf(type: string, object: object): string {
  return JSON.stringify({ id: "evt_1", object: "event", type, data: { object } });
}

/** The header as Stripe would send it at `atMs`. */
function signed(body: string, atMs = NOON_MS, secret = SECRET): Record<string, string> {
  const timestamp = atMs / 1000;
  const options = { payload: body, secret, timestamp };
  return { "stripe-signature": Stripe.webhooks.generateTestHeaderString(options) };
}

async function noticeOf(type: string, object: object): Promise<PaymentNotice | null> {
  const body = eventOf(type, object);
  const answer = await reader.readWebhook(body, signed(body), NOON_MS);
  if (!answer.ok) throw new Error(`Refused: ${answer.code}`);
  return answer.notice;
}

describe("a webhook", () => {
  const notice: PaymentNotice = {
    eventId: "evt_1",
    orderId: "order-1",
    attempt: 2,
    outcome: { kind: "authorised" },
    amount: 49_900,
    currency: "EUR",
  };

  it("that is genuine is read, and again as often as it comes: its id says which it is", async () => {
    for (let times = 0; times < 2; times++)
      expect(await reader.readWebhook(AUTHORISED, signed(AUTHORISED), NOON_MS)).toEqual({
        ok: true,
        notice,
      });
  });

  const later = (seconds: number) => signed(AUTHORISED, NOON_MS - seconds * SECOND_MS);
  it.each<[what: string, body: string, headers: Record<string, string>, isGenuine: boolean]>([
    ["is not signed", AUTHORISED, {}, false],
    ["is signed with nothing", AUTHORISED, { "stripe-signature": "" }, false],
    ["is signed with anything", AUTHORISED, { "stripe-signature": "t=1,v1=00" }, false],
    ["is signed for another endpoint", AUTHORISED, signed(AUTHORISED, NOON_MS, "whsec_x"), false],
    ["was changed by a blank", `${AUTHORISED} `, signed(AUTHORISED), false],
    ["is empty", "", signed(AUTHORISED), false],
    ["is five minutes old", AUTHORISED, later(300), true],
    ["is older than five minutes", AUTHORISED, later(301), false],
    ["is no JSON", "{", signed("{"), false],
  ])("that %s", async (_, body, headers, isGenuine) => {
    const answer = await reader.readWebhook(body, headers, NOON_MS);
    expect(answer).toMatchObject(isGenuine ? { ok: true } : { ok: false, code: "webhook_invalid" });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });

  it("is not believed where there is no secret", async () => {
    const unset = new StripeWebhookReader("");
    const answer = await unset.readWebhook(AUTHORISED, signed(AUTHORISED, NOON_MS, "x"), NOON_MS);
    expect(answer).toMatchObject({ ok: false, code: "webhook_invalid" });
  });
});

describe("an event", () => {
  const failure = { code: "card_declined", decline_code: "insufficient_funds" };
  const url = "https://hooks.stripe.com/3d";
  const action = { type: "redirect_to_url", redirect_to_url: { url } };
  const taken = { status: "succeeded", amount_capturable: 0, amount_received: 49_900 };

  it.each<[type: string, changes: object, told: Partial<PaymentNotice> | null]>([
    ["amount_capturable_updated", {}, { outcome: { kind: "authorised" } }],
    ["succeeded", taken, { outcome: { kind: "captured" } }],
    ["succeeded", { ...taken, amount_received: 100 }, { amount: 100 }],
    [
      "payment_failed",
      { status: "requires_payment_method", last_payment_error: failure },
      { outcome: { kind: "declined", reason: "insufficient_funds" } },
    ],
    ["canceled", { status: "canceled" }, { outcome: { kind: "voided" } }],
    [
      "requires_action",
      { status: "requires_action", next_action: action },
      { outcome: { kind: "action", url } },
    ],
    ["requires_action", { status: "requires_action" }, null],
    ["created", { status: "requires_payment_method" }, null],
    ["processing", { status: "processing" }, null],
    ["amount_capturable_updated", { amount: 1 }, { amount: 1 }],
    ["amount_capturable_updated", { currency: "jpy" }, { currency: "JPY" }],
    ["amount_capturable_updated", { metadata: {} }, null],
    ["amount_capturable_updated", { metadata: { orderId: "order-1" } }, null],
    ["amount_capturable_updated", { metadata: { orderId: "order-1", attempt: "1x" } }, null],
  ])("payment_intent.%s of %j", async (type, changes, told) => {
    const notice = await noticeOf(`payment_intent.${type}`, { ...INTENT, ...changes });
    if (told) expect(notice).toMatchObject({ orderId: "order-1", attempt: 2, ...told });
    else expect(notice).toBeNull();
  });

  it.each<[what: string, changes: object, isTold: boolean]>([
    ["in whole", { amount_captured: 49_900, amount_refunded: 49_900, refunded: true }, true],
    ["in part", { amount_captured: 49_900, amount_refunded: 100 }, false],
    ["before it was captured", { amount_refunded: 49_900, refunded: true, captured: false }, false],
    ["of somebody else", { refunded: true, metadata: {} }, false],
  ])("charge.refunded %s", async (_, changes, isTold) => {
    const notice = await noticeOf("charge.refunded", chargeOf(INTENT, changes));
    if (isTold)
      expect(notice).toMatchObject({
        orderId: "order-1",
        attempt: 2,
        outcome: { kind: "refunded" },
        amount: 49_900,
        currency: "EUR",
      });
    else expect(notice).toBeNull();
  });

  it("of anything else is nothing to us", async () => {
    expect(await noticeOf("customer.created", { id: "cus_1" })).toBeNull();
  });
});
