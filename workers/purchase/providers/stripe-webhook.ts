import { Stripe } from "stripe";
import { refuse } from "../../../domain/problem.ts";
import type { PaymentNotice } from "../../../domain/purchase/notice.ts";
import type { Webhook, WebhookReader, WebhookReading } from "./provider.ts";
import { isChargePaidBack, outcomeOf } from "./stripe-outcomes.ts";

/** Stripe's own tolerance: an older event may be one that somebody has recorded and sends again. */
const TOLERANCE_SECONDS = 300;

/** What is heard of an intent: everything that decides about the money. */
const INTENT_EVENTS = [
  "payment_intent.amount_capturable_updated",
  "payment_intent.canceled",
  "payment_intent.payment_failed",
  "payment_intent.requires_action",
  "payment_intent.succeeded",
] as const;

/** Attempts as our metadata has them. */
const ATTEMPT = /^[1-9][0-9]{0,3}$/;

/** What to do about a webhook that is not believed; it says nothing of what was signed. */
const NOT_GENUINE =
  "The header Stripe-Signature does not fit this body now. Check STRIPE_WEBHOOK_SECRET; an event older than 5 minutes is not taken.";

/**
 * Reads Stripe's webhooks: the signature over the raw body first, then events of payments that bear our
 * metadata. https://docs.stripe.com/webhooks/signature
 */
export class StripeWebhookReader implements WebhookReader {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  async readWebhook(
    body: string,
    headers: Webhook["headers"],
    nowMs: number,
  ): Promise<WebhookReading> {
    const event = await this.#open(body, headers["stripe-signature"] ?? "", nowMs);
    return event
      ? { ok: true, notice: noticeOf(event) }
      : refuse("webhook_invalid", { detail: NOT_GENUINE });
  }

  /** The event; `null` when it is not genuine. */
  async #open(body: string, signature: string, nowMs: number): Promise<Stripe.Event | null> {
    const crypto = Stripe.createSubtleCryptoProvider();
    try {
      return await Stripe.webhooks.constructEventAsync(
        body,
        signature,
        this.#secret,
        TOLERANCE_SECONDS,
        crypto,
        nowMs,
      );
    } catch (error) {
      const isForged = error instanceof Stripe.errors.StripeSignatureVerificationError;
      if (isForged || error instanceof SyntaxError) return null;
      throw error;
    }
  }
}

/** What an event says of a payment of ours; `null` for all else. */
function noticeOf(event: Stripe.Event): PaymentNotice | null {
  if (event.type === "charge.refunded") return ofCharge(event.id, event.data.object);
  if (!isOfIntent(event)) return null;
  const intent = event.data.object;
  const isTaken = intent.status === "succeeded";
  return ofIntent(event.id, intent, isTaken ? intent.amount_received : intent.amount);
}

type IntentEvent = Extract<Stripe.Event, { type: (typeof INTENT_EVENTS)[number] }>;

function isOfIntent(event: Stripe.Event): event is IntentEvent {
  return (INTENT_EVENTS as readonly string[]).includes(event.type);
}

function ofIntent(
  eventId: string,
  intent: Stripe.PaymentIntent,
  amount: number,
): PaymentNotice | null {
  const outcome = outcomeOf(intent);
  const payment = paymentOf(intent.metadata);
  if (!payment || outcome.kind === "unknown") return null;
  return { eventId, ...payment, outcome, amount, currency: intent.currency.toUpperCase() };
}

/** Back in whole; an authorisation that was let go is told by its intent, and a part of the money is no outcome. */
function ofCharge(eventId: string, charge: Stripe.Charge): PaymentNotice | null {
  const payment = paymentOf(charge.metadata);
  if (!payment || !charge.captured || !isChargePaidBack(charge)) return null;
  const currency = charge.currency.toUpperCase();
  const outcome = { kind: "refunded" } as const;
  return { eventId, ...payment, outcome, amount: charge.amount, currency };
}

/** Which payment the metadata names: Stripe copies the intent's to its charge. */
function paymentOf(metadata: Stripe.Metadata): { orderId: string; attempt: number } | null {
  const { orderId, attempt } = metadata;
  if (!orderId || !attempt || !ATTEMPT.test(attempt)) return null;
  return { orderId, attempt: Number(attempt) };
}
