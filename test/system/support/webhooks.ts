import { ORDER_ID_RANDOM_BYTES, sealOrderId } from "../../../domain/order-id.ts";
import { parseKeyring } from "../../../domain/token.ts";
import type { Webhook } from "../../../workers/purchase/providers/provider.ts";
import type { SandboxDesk } from "../../../workers/purchase/providers/sandbox.ts";
import {
  sandboxWebhook,
  type SandboxNews,
} from "../../../workers/purchase/providers/sandbox-webhooks.ts";
import { bindings, createItem, uniqueName } from "./objects.ts";
import { checkoutOf, NOON_MS, reservation } from "./samples.ts";

/** A desk whose webhooks never come. */
export const quietDesk: SandboxDesk = {
  secret: bindings.SANDBOX_WEBHOOK_SECRET,
  post: async () => {},
};

/** What the sandbox would send of a key, signed now or at another time, by its secret or another. */
export function webhookOf(
  idempotencyKey: string,
  changes: Partial<SandboxNews> & { sentAtMs?: number; secret?: string } = {},
): Webhook {
  const { sentAtMs = NOON_MS, secret = bindings.SANDBOX_WEBHOOK_SECRET, ...rest } = changes;
  const sum = { amount: 49_900, currency: "EUR" };
  const news = { idempotencyKey, kind: "authorised", reason: null, ...sum, ...rest } as const;
  return sandboxWebhook(secret, news, sentAtMs);
}

/** An order of a shopper named ada whose card is being charged; its id is a real one. */
export async function payingOrder(token = "tok_ok") {
  const sku = uniqueName("paying");
  const random = Uint8Array.from({ length: ORDER_ID_RANDOM_BYTES }, () => 7);
  const orderId = sealOrderId(parseKeyring(bindings.TOKEN_KEYS), sku, NOON_MS, random);
  const item = await createItem({ sku, stock: 1 });
  await item.reserve(reservation("ada", { orderId }));
  await item.checkout(orderId, "ada", checkoutOf({ paymentToken: token }));
  return { sku, item, orderId, key: `${orderId}:1` };
}
