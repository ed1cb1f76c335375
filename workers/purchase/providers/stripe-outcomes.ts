import type { Stripe } from "stripe";
import type { PaymentOutcome } from "../../../domain/purchase/payment.ts";

/*
 * How Stripe says that a payment stands. https://docs.stripe.com/payments/paymentintents/lifecycle
 */

/**
 * Currencies whose minor unit is not surely the same on both sides: Stripe counts ISK and UGX in hundredths
 * that do not exist, and the digits of HUF and MGA differ between ISO 4217 and CLDR. Asking for a hundredth
 * or a hundredfold is worse than not selling. For all others, also those without decimals, they agree.
 */
const UNSUPPORTED_CURRENCIES: ReadonlySet<string> = new Set(["ISK", "UGX", "HUF", "MGA"]);

/** Whether amounts of the currency mean the same to Stripe as to us. */
export function isSupported(currency: string): boolean {
  return !UNSUPPORTED_CURRENCIES.has(currency);
}

/** What an intent comes to. What was captured in part is `authorised`: the capture will name it. */
export function outcomeOf(intent: Stripe.PaymentIntent): PaymentOutcome {
  switch (intent.status) {
    case "requires_capture":
      return { kind: "authorised" };
    case "succeeded":
      if (isPaidBack(intent)) return { kind: "refunded" };
      return isCapturedWhole(intent) ? { kind: "captured" } : { kind: "authorised" };
    case "canceled":
      return { kind: "voided" };
    case "requires_payment_method":
      return intent.last_payment_error ? declined(intent.last_payment_error) : UNKNOWN;
    case "requires_action": {
      const url = intent.next_action?.redirect_to_url?.url;
      return url ? { kind: "action", url } : UNKNOWN;
    }
    case "processing":
    case "requires_confirmation":
    default:
      return UNKNOWN;
  }
}

/** Stripe answers, and does not know yet: no failure to its breaker. */
const UNKNOWN: PaymentOutcome = { kind: "unknown", isPending: true };

/** Nobody has tried to pay it yet. */
export function isUntried({ status, last_payment_error: error }: Stripe.PaymentIntent): boolean {
  return status === "requires_payment_method" && !error;
}

/** Everything that was asked for has been taken. */
export function isCapturedWhole(intent: Stripe.PaymentIntent): boolean {
  return intent.status === "succeeded" && intent.amount_received === intent.amount;
}

/** All of what was taken is given back. Needs `latest_charge` expanded: an id says nothing. */
export function isPaidBack({ status, latest_charge: charge }: Stripe.PaymentIntent): boolean {
  return status === "succeeded" && isCharge(charge) && isChargePaidBack(charge);
}

export function isChargePaidBack(charge: Stripe.Charge): boolean {
  const { refunded, amount_captured: captured, amount_refunded: back } = charge;
  return refunded || (captured > 0 && back >= captured);
}

function isCharge(charge: Stripe.PaymentIntent["latest_charge"]): charge is Stripe.Charge {
  return typeof charge === "object" && charge !== null;
}

function declined(error: { decline_code?: string; code?: string }): PaymentOutcome {
  return { kind: "declined", reason: error.decline_code ?? error.code ?? "card_declined" };
}
