import { sha256Hex } from "../../../domain/hash.ts";
import { openOrderId } from "../../../domain/order-id.ts";
import { normalisePostalAddress } from "../../../domain/postal-address.ts";
import { postalAddressHash } from "../../../domain/token.ts";
import { setHeader } from "../answer.ts";
import { giveBookmark, readPage } from "../bookmark.ts";
import { idempotencyKeyOf, keyringOf, shopperOf } from "../credentials.ts";
import { endpoint } from "../endpoint.ts";
import type { GatewayContext } from "../gateway.ts";
import { callObject } from "../object-calls.ts";
import { shopperOrigin } from "../origin.ts";
import { accepted, refused } from "../problems.ts";
import { PageQuery } from "../schemas/common.ts";
import { CheckoutAnswer, CheckoutBody, Order, OrderPage } from "../schemas/purchase.ts";
import { orderView } from "../views/order.ts";

/** Starts the payment of a reserved order. */
export const checkoutOrder = endpoint(
  {
    tag: "Buying",
    summary: "Pay for a reserved order: the payment runs from here on, or it is paid on delivery",
    body: CheckoutBody,
    statuses: [202],
    answer: CheckoutAnswer,
    problems: ["not_found", "order_state_conflict", "limit_reached", "payment_unavailable", "busy"],
  },
  async (c, { body }) => {
    const { orderId, sku } = requireOrderId(c);
    const { paymentMethod, shippingAddress } = body;
    const paymentToken = paymentMethod === "card" ? body.paymentToken : "";
    const postalAddress =
      shippingAddress &&
      postalAddressHash(keyringOf(c.env), sku, normalisePostalAddress(shippingAddress));
    const goesTo = postalAddress === undefined ? {} : { postalAddress };
    const command = {
      idempotencyKey: idempotencyKeyOf(c),
      bodyHash: sha256Hex(JSON.stringify([paymentMethod, paymentToken, ...Object.values(goesTo)])),
      paymentMethod,
      paymentToken,
      ...goesTo,
      from: shopperOrigin(c, sku),
    };
    const { subject } = shopperOf(c);
    accepted(await callObject(() => c.env.PURCHASE.checkout(sku, orderId, subject, command)));
    setHeader(c, "Location", `/api/v1/orders/${orderId}`);
    // By what was asked for, not by how the order stands: a repeat says the same.
    return { orderId, status: paymentMethod === "cod" ? "CONFIRMED" : "PAYMENT_PENDING" } as const;
  },
);

/** An own order; another shopper's does not exist. */
export const getOrder = endpoint(
  {
    tag: "Buying",
    summary: "One order",
    statuses: [200],
    answer: Order,
    isBookmarked: true,
    problems: ["not_found", "busy"],
  },
  async (c) => {
    const { orderId, sku } = requireOrderId(c);
    const { subject } = shopperOf(c);
    const row = await callObject(() => c.env.PURCHASE.order(sku, orderId, subject));
    if (!row) throw refused("not_found");
    giveBookmark(c, row.bookmark);
    return orderView(row);
  },
);

/** Own orders, newest first. */
export const listOrders = endpoint(
  {
    tag: "Buying",
    summary: "The shopper's orders, newest first",
    query: PageQuery,
    statuses: [200],
    answer: OrderPage,
    isBookmarked: true,
    problems: ["busy"],
  },
  async (c, { query }) => {
    const { subject } = shopperOf(c);
    const { cursor = null, limit } = query;
    const page = await readPage(c, (bookmark) =>
      c.env.PURCHASE.ordersOf(subject, cursor, limit, bookmark),
    );
    return {
      orders: page.rows.map(orderView),
      ...(page.cursor === null ? {} : { cursor: page.cursor }),
    };
  },
);

/** Gives a reserved order back. */
export const cancelOrder = endpoint(
  {
    tag: "Buying",
    summary: "Cancel a reserved order",
    statuses: [200],
    answer: Order,
    problems: ["not_found", "order_state_conflict", "busy"],
  },
  async (c) => {
    const { orderId, sku } = requireOrderId(c);
    const { subject } = shopperOf(c);
    const from = shopperOrigin(c, sku);
    const { order } = accepted(
      await callObject(() => c.env.PURCHASE.cancel(sku, orderId, subject, from)),
    );
    return orderView(order);
  },
);

/** The order id in the path and the item it names; made-up ids reach no object. */
export function requireOrderId(c: GatewayContext): { orderId: string; sku: string } {
  const named = orderNamed(c, c.req.param("orderId") ?? "");
  if (!named) throw refused("not_found");
  return named;
}

/** An order id and the item it names; `null` for what is no id of an order of ours. */
export function orderNamed(
  c: GatewayContext,
  orderId: string,
): { orderId: string; sku: string } | null {
  const sku = openOrderId(keyringOf(c.env), orderId);
  return sku === null ? null : { orderId, sku };
}
