import { openOrderId } from "../../domain/order-id.ts";
import { refuse, type Refusal } from "../../domain/problem.ts";
import { parseKeyring } from "../../domain/token.ts";
import type { Webhook, WebhookReader } from "./providers/provider.ts";

/** The bindings by which notices reach their items. */
export type WebhookEnv = Pick<PurchaseEnv, "SKU" | "TOKEN_KEYS">;

/**
 * Takes a provider's webhook: verified, then written by the item that it is about, and only then
 * accepted. What is genuine and nothing to us is accepted, too, so that it is not sent again.
 */
export async function receiveWebhook(
  env: WebhookEnv,
  reader: WebhookReader,
  { body, headers }: Webhook,
  nowMs: number,
): Promise<{ ok: true } | Refusal> {
  const read = await reader.readWebhook(body, headers, nowMs);
  if (!read.ok) return read;
  const { notice } = read;
  if (!notice) return { ok: true };
  const sku = openOrderId(parseKeyring(env.TOKEN_KEYS), notice.orderId);
  if (sku === null) return refuse("not_found", { detail: "There is no such payment." });
  return env.SKU.getByName(sku).paymentNotice(notice);
}
