/**
 * The catalogue of refusals: the stable `code` of the HTTP contract, its status and its title
 * (RFC 9457). Rules and objects return a code as a value; only the gateway turns it into a response.
 */
export const PROBLEMS = {
  validation_failed: { status: 400, title: "The request is not valid" },
  idempotency_key_required: { status: 400, title: "An Idempotency-Key header is required" },
  webhook_invalid: { status: 400, title: "The webhook cannot be verified" },
  unauthorized: { status: 401, title: "A valid access token is required" },
  forbidden: { status: 403, title: "Not allowed" },
  pass_required: { status: 403, title: "A queue pass is required" },
  pass_expired: { status: 403, title: "The queue pass has expired" },
  pass_invalid: { status: 403, title: "The queue pass is not valid here" },
  ticket_invalid: { status: 403, title: "The queue ticket is not valid here" },
  live_token_invalid: { status: 403, title: "The address of the socket is not valid any more" },
  guest_not_allowed: { status: 403, title: "This sale needs an account" },
  not_found: { status: 404, title: "Not found" },
  sold_out: { status: 409, title: "Sold out" },
  limit_reached: { status: 409, title: "The limit is reached" },
  sale_not_started: { status: 409, title: "The sale has not started" },
  sale_ended: { status: 409, title: "The sale has ended" },
  sale_paused: { status: 409, title: "The sale is paused" },
  order_state_conflict: { status: 409, title: "The order does not allow this now" },
  rebuild_overtaken: { status: 409, title: "Another rebuild has begun" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be application/json" },
  idempotency_conflict: { status: 422, title: "This key was used with another request" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal_error: { status: 500, title: "Something went wrong on our side" },
  payment_unavailable: { status: 503, title: "Payments are not possible at the moment" },
  busy: { status: 503, title: "Busy, try again shortly" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One field that did not validate. `path` is dotted: `items.0.sku`. */
export interface FieldError {
  path: string;
  message: string;
}

/** What a refusal carries beside its code, as the contract lists it for each code. */
export interface ProblemFields {
  detail?: string;
  retryAfterSeconds?: number;
  errors?: FieldError[];
  waitlist?: boolean;
  limit?: number;
  held?: number;
  bought?: number;
  /** Whose limit is reached, and whose units are counted. */
  scope?: "shopper" | "address" | "card" | "postal_address";
  /** Between our own parts: what has to be found out before the same command can be judged. */
  needs?: "card";
  startsAt?: string;
}

/** An expected "no", as a value that crosses RPC unharmed. */
export interface Refusal extends ProblemFields {
  ok: false;
  code: ProblemCode;
}

/** Makes a refusal. */
export function refuse(code: ProblemCode, fields: ProblemFields = {}): Refusal {
  return { ok: false, code, ...fields };
}
