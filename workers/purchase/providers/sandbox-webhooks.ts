import { sha256Hex } from "../../../domain/hash.ts";
import { refuse } from "../../../domain/problem.ts";
import type { PaymentNotice } from "../../../domain/purchase/notice.ts";
import type { PaymentOutcome } from "../../../domain/purchase/payment.ts";
import { formatTime } from "../../../domain/time.ts";
import { splitKey, type Webhook, type WebhookReader, type WebhookReading } from "./provider.ts";
import { signWebhook, verifyWebhook } from "./standard-webhooks.ts";

/** What the sandbox tells by webhook, each under the type `payment.<kind>`. */
const TOLD = ["authorised", "declined", "captured", "voided", "refunded"] as const;
const TYPE_PREFIX = "payment.";
/** Hex digits of an event's id: 96 bits. */
const EVENT_ID_DIGITS = 24;

/** What became of an attempt, as the sandbox tells it. */
export interface SandboxNews {
  /** `orderId:attempt`. */
  idempotencyKey: string;
  kind: (typeof TOLD)[number];
  amount: number;
  currency: string;
  /** Why it was declined. */
  reason: string | null;
}

/** The body of the sandbox's webhooks, as the Standard Webhooks propose it. */
interface Body {
  type: string;
  timestamp: string;
  data: { orderId: string; attempt: number; amount: number; currency: string; reason?: string };
}

/** Writes and signs what the sandbox tells. The same news has the same id, however often it is sent. */
export function sandboxWebhook(secret: string, news: SandboxNews, sentAtMs: number): Webhook {
  const { idempotencyKey, kind, amount, currency, reason } = news;
  const { orderId, attempt } = splitKey(idempotencyKey);
  const told: Body = {
    type: `${TYPE_PREFIX}${kind}`,
    timestamp: formatTime(sentAtMs),
    data: { orderId, attempt, amount, currency, ...(reason === null ? {} : { reason }) },
  };
  const body = JSON.stringify(told);
  const id = `evt_${sha256Hex(`${idempotencyKey} ${kind}`).slice(0, EVENT_ID_DIGITS)}`;
  return { body, headers: signWebhook(secret, id, sentAtMs, body) };
}

/** Reads the sandbox's own webhooks. */
export class SandboxWebhooks implements WebhookReader {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  async readWebhook(
    body: string,
    headers: Webhook["headers"],
    nowMs: number,
  ): Promise<WebhookReading> {
    const verified = verifyWebhook(this.#secret, { body, headers }, nowMs);
    if (!verified.ok) return refuse("webhook_invalid", { detail: verified.why });
    return { ok: true, notice: noticeOf(verified.id, body) };
  }
}

/** Types of a newer version are none of ours, nor is anything else that is not as it is written above. */
function noticeOf(eventId: string, body: string): PaymentNotice | null {
  const { type, data } = parse(body);
  const kind = TOLD.find((kind) => type === `${TYPE_PREFIX}${kind}`);
  if (!kind || typeof data?.orderId !== "string" || !Number.isInteger(data.attempt)) return null;
  const { orderId, attempt, amount, currency, reason = "card_declined" } = data;
  const outcome: PaymentOutcome = kind === "declined" ? { kind, reason } : { kind };
  return { eventId, orderId, attempt, outcome, amount, currency };
}

function parse(body: string): Partial<Body> {
  try {
    return (JSON.parse(body) as Body | null) ?? {};
  } catch {
    return {};
  }
}
