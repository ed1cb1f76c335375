import type { PaymentDue, PaymentOutcome } from "../../../domain/purchase/payment.ts";

/** What a provider is asked about: one authorisation, known by its key. */
export interface PaymentRequest extends Pick<PaymentDue, "token" | "amount" | "currency"> {
  orderId: string;
  /** The same for every repeat of the same attempt. */
  idempotencyKey: string;
}

/**
 * A payment provider. Every call may be repeated under the same key and has the same effect once. An
 * outcome that the provider does not know yet, or a call that timed out, is `unknown`.
 */
export interface PaymentProvider {
  authorise(request: PaymentRequest): Promise<PaymentOutcome>;
  capture(request: PaymentRequest): Promise<PaymentOutcome>;
  void(request: PaymentRequest): Promise<PaymentOutcome>;
}
