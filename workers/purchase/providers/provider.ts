import type { Refusal } from "../../../domain/problem.ts";
import type { Charge } from "../../../domain/books/reconcile-rows.ts";
import type { PaymentNotice } from "../../../domain/purchase/notice.ts";
import type { PaymentDue, PaymentOutcome, PaymentStep } from "../../../domain/purchase/payment.ts";

/** What a provider is asked about: one authorisation, known by its key. */
export interface PaymentRequest extends Pick<PaymentDue, "token" | "amount" | "currency"> {
  orderId: string;
  /** The same for every repeat of the same attempt. */
  idempotencyKey: string;
}

/** `orderId:attempt`, apart. */
export function splitKey(idempotencyKey: string): { orderId: string; attempt: number } {
  const at = idempotencyKey.lastIndexOf(":");
  return {
    orderId: idempotencyKey.slice(0, at),
    attempt: Number(idempotencyKey.slice(at + 1)),
  };
}

/**
 * A payment provider: one method a step. Every call may be repeated under the same key and has the same
 * effect once. `enquire` changes nothing and tells where the key stands. `void` makes sure that no money
 * stays and none comes later; where it is captured already it says so. An outcome that the provider does
 * not know yet is `unknown` and `isPending`; of a call that failed on its way nothing is known, and it counts
 * against the provider.
 */
export type PaymentProvider = Readonly<
  Record<PaymentStep, (request: PaymentRequest) => Promise<PaymentOutcome>>
>;

/** Tells cards apart, whatever tokens stand for them. */
export interface CardReader {
  /** The same for the same card; `null` when the token stands for none. Fails when it cannot be told now. */
  fingerprint(token: string): Promise<string | null>;
}

/** What a provider has on its own books, so that they can be compared with ours. */
export interface ProviderBooks {
  /** What the rows are called in a difference. */
  readonly table: string;
  /** The attempts at an item, from an order's on and by their keys, at most so many. */
  charges(sku: string, fromOrderId: string, limit: number): Promise<Charge[]>;
}

/** A webhook as it came: the body byte for byte, and its headers by lower-case name. */
export interface Webhook {
  body: string;
  headers: Readonly<Record<string, string>>;
}

/**
 * What a webhook says; `notice: null`: it is genuine, and nothing to us. What cannot be believed is
 * `webhook_invalid`, with what is wrong as its detail.
 */
export type WebhookReading = { ok: true; notice: PaymentNotice | null } | Refusal;

/** Reads the webhooks of one provider. */
export interface WebhookReader {
  /** Verifies a webhook over its raw body, then translates it. */
  readWebhook(body: string, headers: Webhook["headers"], nowMs: number): Promise<WebhookReading>;
}
