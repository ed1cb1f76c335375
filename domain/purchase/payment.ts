/*
 * The payment of an order as its hold's row keeps it. Money moves in three steps, each idempotent by
 * `orderId:attempt` at the provider: authorise, then capture once the hold is confirmed, or void.
 */

/** `due` waits for an authorisation, `authorised` for the capture, `voiding` for the void. */
export type PaymentState = "due" | "declined" | "authorised" | "captured" | "voiding" | "voided";

/** What the provider is asked to do next. */
export type PaymentStep = "authorise" | "capture" | "void";

export interface Payment {
  method: "card";
  token: string;
  /** Counts authorisations that the shopper asked for; the first is 1. */
  attempt: number;
  state: PaymentState;
  /** When the object asks (again); `null` when nothing is open. */
  nextAttemptAtMs: number | null;
  /** An authorisation that is not known by then is given up, voided, and the unit released. */
  deadlineMs: number;
  /** Times that the provider was asked in this state; drives the retry schedule. */
  asked: number;
  lastError: string | null;
}

/** What the provider said. `unknown` is a timeout or an outage: it may have happened. */
export type PaymentOutcome =
  | { kind: "authorised" }
  | { kind: "declined"; reason: string }
  | { kind: "captured" }
  | { kind: "voided" }
  | { kind: "unknown" };

/** One message to the payments queue: everything that a stateless consumer needs. */
export interface PaymentDue {
  sku: string;
  orderId: string;
  attempt: number;
  step: PaymentStep;
  token: string;
  amount: number;
  currency: string;
}

/** Authorisations a shopper may try for one order: a fourth card is card testing. */
export const PAYMENT_ATTEMPTS_MAX = 3;
/** How long an authorisation may stay unknown. */
export const PAYMENT_DEADLINE_SECONDS = 90;
/** A message that has brought no answer for this long is taken for lost and sent again. */
export const PAYMENT_RESEND_MS = 10_000;
/** Pauses after an unknown outcome, the last one repeated. */
export const PAYMENT_RETRY_SECONDS = [1, 2, 4, 8, 16, 32, 60, 120, 300, 600] as const;

/** Pause before the provider is asked again, after it was asked `asked` times. */
export function retryPauseMs(asked: number): number {
  const last = PAYMENT_RETRY_SECONDS.length - 1;
  return (PAYMENT_RETRY_SECONDS[Math.min(Math.max(asked - 1, 0), last)] ?? 600) * 1000;
}

/** The step that a payment's state asks for; `null` when nothing is open. */
export function stepOf(payment: Payment): PaymentStep | null {
  switch (payment.state) {
    case "due":
      return "authorise";
    case "authorised":
      return "capture";
    case "voiding":
      return "void";
    case "declined":
    case "captured":
    case "voided":
      return null;
  }
}
