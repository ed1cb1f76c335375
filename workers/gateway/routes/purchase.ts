import { sha256Hex } from "../../../domain/hash.ts";
import { ORDER_ID_RANDOM_BYTES, sealOrderId } from "../../../domain/order-id.ts";
import { formatTime } from "../../../domain/time.ts";
import { setHeader } from "../answer.ts";
import { idempotencyKeyOf, keyringOf, requirePass, shopperOf } from "../credentials.ts";
import { endpoint } from "../endpoint.ts";
import { callerOf } from "../gateway.ts";
import { requireItemFor, requireSale } from "../lookups.ts";
import { countedNetwork, shopperOrigin } from "../origin.ts";
import { accepted } from "../problems.ts";
import { reserveUnits } from "../reserving.ts";
import { PurchaseAnswer, PurchaseBody } from "../schemas/purchase.ts";
import { REQUIRED_PASS_HEADER } from "../schemas/queue.ts";

/** Reserves units of an item for a shopper with a pass. */
export const purchase = endpoint(
  {
    tag: "Buying",
    summary: "Reserve units; the answer is a hold with a deadline",
    body: PurchaseBody,
    statuses: [202],
    answer: PurchaseAnswer,
    parameters: [REQUIRED_PASS_HEADER],
    problems: [
      "pass_required",
      "pass_invalid",
      "pass_expired",
      "guest_not_allowed",
      "forbidden",
      "not_found",
      "sold_out",
      "limit_reached",
      "sale_not_started",
      "sale_ended",
      "sale_paused",
      "busy",
    ],
  },
  async (c, { body }) => {
    const identity = shopperOf(c);
    const sale = await requireSale(c);
    const { saleId, perAddress } = sale.definition;
    const item = requireItemFor(identity, sale, body.sku);
    const { sku } = item;
    const { number, binding, expiresAtMs: passExpiresAtMs } = requirePass(c, saleId, identity);
    const { purchases, runtime } = c.get("gateway");
    const random = runtime.randomBytes(ORDER_ID_RANDOM_BYTES);
    const command = {
      orderId: sealOrderId(keyringOf(c.env), sku, runtime.now(), random),
      shopper: identity.subject,
      number,
      passExpiresAtMs,
      idempotencyKey: idempotencyKeyOf(c),
      bodyHash: sha256Hex(JSON.stringify([sku, body.quantity])),
      quantity: body.quantity,
      ...(perAddress === undefined ? {} : countedNetwork(c, saleId)),
      from: shopperOrigin(c, sku),
    };
    const hold = accepted(await reserveUnits(purchases, callerOf(c), item, binding, command));
    const { orderId, expiresAtMs, amount, currency } = hold;
    setHeader(c, "Location", `/api/v1/orders/${orderId}`);
    const expiresAt = formatTime(expiresAtMs);
    return { orderId, status: "RESERVED" as const, expiresAt, total: { amount, currency } };
  },
);
