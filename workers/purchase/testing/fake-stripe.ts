import type { PaymentRequest } from "../providers/provider.ts";
import type { IntentBook } from "../providers/stripe-intents.ts";

type Fields = Record<string, unknown>;

/** One request as the SDK sent it. */
export interface Sent {
  method: string;
  path: string;
  fields: Record<string, string>;
  headers: Headers;
}

/** What goes wrong with one request. `lost`: it is done, and the answer does not come. */
export type Fault =
  | "lost"
  | "unreachable"
  | "hangs"
  | { status: number; error: Fields; meanwhile?: () => void };

interface Kept {
  request: string;
  status: number;
  body: Fields;
}

/** A first payment, by a card that works. */
export const PAID: PaymentRequest = {
  orderId: "order-1",
  idempotencyKey: "order-1:1",
  token: "pm_card_visa",
  amount: 49_900,
  currency: "EUR",
};

const CARD_ERROR = {
  type: "card_error",
  code: "card_declined",
  message: "Your card was declined.",
};
const REDIRECT = {
  type: "redirect_to_url",
  redirect_to_url: {
    return_url: "https://shop.example/order?id=order-1",
    url: "https://hooks.stripe.com/3d_secure_2/hosted?payment_intent=pi_1",
  },
};

/**
 * Stripe's interface as its reference describes it, at the SDK's `fetch`: PaymentIntents with manual
 * capture, refunds, cards, and the store of idempotency keys, which replays errors as well.
 */
export class FakeStripe {
  readonly sent: Sent[] = [];
  readonly intents = new Map<string, Fields>();
  readonly #kept = new Map<string, Kept>();
  readonly #faults: { path: RegExp; fault: Fault }[] = [];

  readonly fetch: typeof fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url as string);
    const method = init?.method ?? "GET";
    const body = (init?.body ?? "") as string;
    const headers = new Headers(init?.headers);
    const fields = Object.fromEntries(method === "GET" ? searchParams : new URLSearchParams(body));
    this.sent.push({ method, path: pathname, fields, headers });
    const at = this.#faults.findIndex(({ path }) => path.test(pathname));
    const fault = at < 0 ? undefined : this.#faults.splice(at, 1)[0]?.fault;
    if (fault === "unreachable") throw new TypeError("fetch failed");
    if (fault === "hangs") return hang(init?.signal);
    const { status, answer } = this.#answer(method, pathname, fields, headers, body, fault);
    if (fault === "lost") throw new TypeError("fetch failed");
    return Response.json(answer, { status, headers: { "request-id": `req_${this.sent.length}` } });
  };

  /** The next request whose path fits goes wrong. */
  failNext(path: RegExp, fault: Fault): void {
    this.#faults.push({ path, fault });
  }

  /** What somebody does in Stripe's dashboard, or the shopper at the bank. */
  change(id: string, changes: Fields): void {
    Object.assign(this.#intent(id), changes);
  }

  /** A day and more has passed. */
  forgetKeys(): void {
    this.#kept.clear();
  }

  /** Requests as `METHOD path`, without what reads. */
  steps(): string[] {
    const writes = this.sent.filter(({ method }) => method === "POST");
    return writes.map(({ path }) => path.replace("/v1/", ""));
  }

  #answer(
    method: string,
    path: string,
    fields: Record<string, string>,
    headers: Headers,
    body: string,
    fault: Fault | undefined,
  ): { status: number; answer: Fields } {
    const key = headers.get("idempotency-key");
    const kept = key === null ? undefined : this.#kept.get(key);
    if (kept && kept.request !== `${path} ${body}`)
      return error(400, { type: "idempotency_error", message: "Keys can only be reused …" });
    if (kept) return { status: kept.status, answer: kept.body };
    if (typeof fault === "object") fault.meanwhile?.();
    const injected = typeof fault === "object" ? error(fault.status, fault.error) : null;
    const { status, answer } = injected ?? this.#do(method, path, fields);
    const isKept = status < 300 || status === 402 || status >= 500;
    const copy = structuredClone(answer);
    if (key !== null && isKept)
      this.#kept.set(key, { request: `${path} ${body}`, status, body: copy });
    return { status, answer: copy };
  }

  #do(method: string, path: string, fields: Record<string, string>) {
    const [, resource = "", id = "", action = ""] = path.slice(1).split("/");
    if (resource === "refunds") return this.#refund(fields);
    if (resource === "payment_methods") return card(id);
    if (method === "POST" && id === "") return this.#create(fields);
    if (!this.intents.has(id)) return missing("payment_intent", id);
    if (action === "confirm") return this.#confirm(id, fields);
    if (action === "capture") return this.#capture(id);
    if (action === "cancel") return this.#cancel(id);
    return ok(this.#intent(id));
  }

  #create(fields: Record<string, string>) {
    const id = `pi_${this.intents.size + 1}`;
    const intent = {
      id,
      object: "payment_intent",
      amount: Number(fields["amount"]),
      amount_capturable: 0,
      amount_received: 0,
      capture_method: fields["capture_method"],
      client_secret: `${id}_secret_x`,
      currency: fields["currency"],
      last_payment_error: null,
      latest_charge: null,
      metadata: { orderId: fields["metadata[orderId]"], attempt: fields["metadata[attempt]"] },
      next_action: null,
      status: "requires_payment_method",
    };
    this.intents.set(id, intent);
    return ok(intent);
  }

  #confirm(id: string, { payment_method: token = "" }: Record<string, string>) {
    const intent = this.#intent(id);
    if (intent["status"] !== "requires_payment_method") return unexpectedState(intent);
    const { amount } = intent;
    const decline = /^pm_card_chargeDeclined(\w*)$/.exec(token);
    if (decline) {
      const reason = decline[1] === "InsufficientFunds" ? "insufficient_funds" : "generic_decline";
      const cause = { ...CARD_ERROR, decline_code: reason };
      Object.assign(intent, { last_payment_error: cause });
      return error(402, { ...cause, payment_intent: intent });
    }
    if (token === "pm_card_threeDSecure2Required")
      Object.assign(intent, { status: "requires_action", next_action: REDIRECT });
    else if (token === "pm_card_visa")
      Object.assign(intent, { status: "requires_capture", amount_capturable: amount });
    else if (token === "pm_used")
      return error(400, { type: "invalid_request_error", code: "payment_method_unexpected_state" });
    else return missing("payment_method", token);
    return ok(intent);
  }

  #capture(id: string) {
    const intent = this.#intent(id);
    if (intent["status"] !== "requires_capture") return unexpectedState(intent);
    const { amount } = intent;
    const charge = chargeOf(intent, { amount_captured: amount });
    const taken = { amount_capturable: 0, amount_received: amount, latest_charge: charge };
    Object.assign(intent, { ...taken, status: "succeeded" });
    return ok(intent);
  }

  #cancel(id: string) {
    const intent = this.#intent(id);
    if (intent["status"] === "succeeded" || intent["status"] === "canceled")
      return unexpectedState(intent);
    Object.assign(intent, { status: "canceled", amount_capturable: 0, next_action: null });
    return ok(intent);
  }

  #refund({ payment_intent: id = "" }: Record<string, string>) {
    const intent = this.#intent(id);
    const charge = intent["latest_charge"] as Fields;
    if (charge["refunded"] === true)
      return error(400, { type: "invalid_request_error", code: "charge_already_refunded" });
    Object.assign(charge, { amount_refunded: charge["amount_captured"], refunded: true });
    return ok({ id: "re_1", object: "refund", payment_intent: id, status: "succeeded" });
  }

  #intent(id: string): Fields {
    const intent = this.intents.get(id);
    if (!intent) throw new Error(`There is no intent ${id}.`);
    return intent;
  }
}

/** A charge of an intent, captured. */
export function chargeOf({ id, amount, currency, metadata }: Fields, changes: object): Fields {
  return {
    id: `ch_of_${String(id)}`,
    object: "charge",
    amount,
    amount_captured: 0,
    amount_refunded: 0,
    captured: true,
    currency,
    metadata,
    payment_intent: id,
    refunded: false,
    ...changes,
  };
}

/** A book in memory. */
export class FakeBook implements IntentBook {
  readonly rows = new Map<string, string>();

  find(idempotencyKey: string): Promise<string | null> {
    return Promise.resolve(this.rows.get(idempotencyKey) ?? null);
  }

  remember(idempotencyKey: string, intentId: string): Promise<string> {
    const first = this.rows.get(idempotencyKey) ?? intentId;
    this.rows.set(idempotencyKey, first);
    return Promise.resolve(first);
  }
}

function card(id: string) {
  if (!id.startsWith("pm_card")) return missing("payment_method", id);
  const fingerprint = `fingerprint_of_${id}`;
  return ok({ id, object: "payment_method", type: "card", card: { fingerprint } });
}

function ok(answer: Fields): { status: number; answer: Fields } {
  return { status: 200, answer };
}

function error(status: number, fields: Fields): { status: number; answer: Fields } {
  return { status, answer: { error: fields } };
}

function missing(resource: string, id: string) {
  const message = `No such ${resource}: '${id}'`;
  const fields = { type: "invalid_request_error", code: "resource_missing", message };
  return error(resource === "payment_intent" ? 404 : 400, fields);
}

function unexpectedState(intent: Fields) {
  const code = "payment_intent_unexpected_state";
  return error(400, { type: "invalid_request_error", code, payment_intent: intent });
}

/** Until the SDK gives up. */
function hang(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => {
      reject(signal.reason as Error);
    });
  });
}
