import type { PaymentDue, PaymentOutcome, PaymentStep } from "../../../domain/purchase/payment.ts";

/** What a provider is asked about: one authorisation, known by its key. */
export interface PaymentRequest extends Pick<PaymentDue, "token" | "amount" | "currency"> {
  orderId: string;
  /** The same for every repeat of the same attempt. */
  idempotencyKey: string;
}

/**
 * A payment provider: one method a step. Every call may be repeated under the same key and has the same
 * effect once. `enquire` changes nothing and tells where the key stands. `void` makes sure that no money
 * stays and none comes later; where it is captured already it says so. An outcome that the provider does
 * not know yet, or a call that failed on its way, is `unknown`.
 */
export type PaymentProvider = Readonly<
  Record<PaymentStep, (request: PaymentRequest) => Promise<PaymentOutcome>>
>;
