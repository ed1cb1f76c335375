import { WEBHOOK_HEADERS_MAX_CHARACTERS, WEBHOOK_MAX_BYTES } from "../../../domain/limits.ts";
import { openOrderId } from "../../../domain/order-id.ts";
import { giveBookmark } from "../bookmark.ts";
import { keyringOf, shopperOf } from "../credentials.ts";
import { endpoint } from "../endpoint.ts";
import type { GatewayContext } from "../gateway.ts";
import { readText } from "../json-body.ts";
import { callObject } from "../object-calls.ts";
import { accepted, refused } from "../problems.ts";
import { PaymentStatus, WebhookAnswer } from "../schemas/payments.ts";
import { orderView } from "../views/order.ts";

/** Of whoever sends it, and nothing to a provider: they go no further than here. */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie"]);
/** `orderId:attempt`. */
const PAYMENT_ID = /^(?<orderId>[^:]+):(?<attempt>[1-9]\d{0,2})$/;

/** Passes what a provider tells on, unread: only the purchase Worker has the secrets to verify it. */
export const takeWebhook = endpoint(
  {
    tag: "Buying",
    summary:
      "What a payment provider tells: signed by it, and accepted once it is verified and stored; `default` is the provider in use",
    readsBody: true,
    statuses: [200],
    answer: WebhookAnswer,
    problems: ["webhook_invalid", "validation_failed", "not_found", "body_too_large", "busy"],
  },
  async (c) => {
    const headers = headersOf(c);
    const body = await readText(c.req.raw, WEBHOOK_MAX_BYTES);
    const provider = c.req.param("provider") ?? "";
    accepted(await callObject(() => c.env.PURCHASE.webhook(provider, { body, headers })));
    return { received: true } as const;
  },
);

function headersOf(c: GatewayContext): Record<string, string> {
  const headers: Record<string, string> = {};
  let characters = 0;
  for (const [name, value] of c.req.raw.headers) {
    if (CREDENTIALS.has(name)) continue;
    headers[name] = value;
    characters += name.length + value.length;
  }
  if (characters > WEBHOOK_HEADERS_MAX_CHARACTERS)
    throw refused("validation_failed", {
      detail: `The headers have more than ${WEBHOOK_HEADERS_MAX_CHARACTERS} characters.`,
    });
  return headers;
}

/** How one attempt to pay an own order stands; another shopper's does not exist. */
export const getPaymentStatus = endpoint(
  {
    tag: "Buying",
    summary: "One attempt to pay an order; its id is `orderId:attempt`",
    statuses: [200],
    answer: PaymentStatus,
    isBookmarked: true,
    problems: ["not_found", "busy"],
  },
  async (c) => {
    const paymentId = c.req.param("paymentId") ?? "";
    const { orderId = "", attempt: digits } = PAYMENT_ID.exec(paymentId)?.groups ?? {};
    const sku = openOrderId(keyringOf(c.env), orderId);
    if (sku === null) throw refused("not_found");
    const { subject } = shopperOf(c);
    const row = await callObject(() => c.env.PURCHASE.order(sku, orderId, subject));
    const attempt = Number(digits);
    if (!row || attempt > row.paymentAttempts) throw refused("not_found");
    giveBookmark(c, row.bookmark);
    const { total: amount, payment, nextAction } = orderView(row);
    const told = { paymentId, orderId, attempt, amount };
    if (!payment || attempt < payment.attempts) return { ...told, status: "over" };
    const { status, lastError } = payment;
    return {
      ...told,
      status,
      ...(lastError === undefined ? {} : { lastError }),
      ...(nextAction === undefined ? {} : { nextAction }),
    };
  },
);
