import { Stripe } from "stripe";

/** The version of Stripe's interface whose shapes the adapter knows; an account's own default is not asked. */
export const STRIPE_API_VERSION = "2026-10-28.endive";

/** How to reach Stripe; tests bring a `fetch` of their own, or the address of a mock. */
export interface StripeAccess {
  secretKey: string;
  timeoutMs: number;
  fetch?: typeof fetch;
  host?: Pick<Stripe.StripeConfig, "host" | "port" | "protocol">;
}

/**
 * The SDK over `fetch`, with no schedule of its own: the item's alarm asks again. Nothing is told of how
 * long requests take.
 */
export function stripeClient({ secretKey, timeoutMs, fetch, host }: StripeAccess): Stripe {
  return new Stripe(secretKey, {
    apiVersion: STRIPE_API_VERSION,
    httpClient: Stripe.createFetchHttpClient(fetch),
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
    ...host,
  });
}

/** A definite no: nothing was done, and the same request brings the same. */
export type DefiniteError = Stripe.errors.StripeCardError | Stripe.errors.StripeInvalidRequestError;

/** Whether Stripe has judged the request. Everything else (no connection, 429, 5xx, a wrong key) may pass. */
export function isDefinite(error: unknown): error is DefiniteError {
  const { StripeCardError, StripeInvalidRequestError } = Stripe.errors;
  return error instanceof StripeCardError || error instanceof StripeInvalidRequestError;
}

/** A word for an error that may be shown and stored: Stripe's codes, never its sentences. */
export function codeOf(error: Stripe.errors.StripeError): string {
  const code = error.decline_code || error.code;
  return code ?? `stripe_${error.rawType ?? "error"}`;
}

/**
 * Asks Stripe; an error leaves as what may be logged: its kind, code and request id. Stripe's own message
 * may repeat part of a key or what the request said.
 */
export async function ask<Answer>(request: Promise<Answer>): Promise<Answer> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) throw failure(error);
    throw error;
  }
}

/** What Stripe did, or its definite no. */
export type Attempt<Answer> =
  | { answer: Answer; error: null }
  | { answer: null; error: DefiniteError };

/** The same, where a definite no is an answer. */
export async function attempt<Answer>(request: Promise<Answer>): Promise<Attempt<Answer>> {
  try {
    return { answer: await request, error: null };
  } catch (error) {
    if (isDefinite(error)) return { answer: null, error };
    if (error instanceof Stripe.errors.StripeError) throw failure(error);
    throw error;
  }
}

function failure(error: Stripe.errors.StripeError): Error {
  const { type, statusCode = "no answer", requestId = "none" } = error;
  return new Error(`${type}: ${codeOf(error)} (${statusCode}), request ${requestId}`);
}
