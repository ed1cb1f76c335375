import { readPage } from "../bookmark.ts";
import { endpoint } from "../endpoint.ts";
import type { GatewayContext } from "../gateway.ts";
import { callObject } from "../object-calls.ts";
import { staffActor } from "../origin.ts";
import { accepted, refused } from "../problems.ts";
import {
  AdminOrder,
  AdminOrderPage,
  AttentionQuery,
  RefundBody,
  ResolveBody,
} from "../schemas/admin.ts";
import { SandboxPage, SandboxQuery } from "../schemas/figures.ts";
import { sandboxPaymentView } from "../views/figures.ts";
import { adminOrderView } from "../views/order.ts";
import { requireOrderId } from "./orders.ts";

/** Gives the money of an order back. */
export const refundOrder = endpoint(
  {
    tag: "Admin",
    summary:
      "Refund a confirmed order: its money goes back, then its units; a repeat changes nothing",
    body: RefundBody,
    statuses: [200],
    answer: AdminOrder,
    problems: ["not_found", "order_state_conflict", "busy"],
  },
  (c, { body }) => act(c, "refund", body.reason),
);

/** What needs a person. */
export const listAttention = endpoint(
  {
    tag: "Admin",
    summary: "Orders whose payments need a person, newest first, from the database alone",
    query: AttentionQuery,
    statuses: [200],
    answer: AdminOrderPage,
    isBookmarked: true,
    problems: ["busy"],
  },
  async (c, { query: { saleId = null, cursor = null, limit } }) => {
    const page = await readPage(c, (bookmark) =>
      c.env.PURCHASE.attention(saleId, cursor, limit, bookmark),
    );
    return {
      orders: page.rows.map(adminOrderView),
      ...(page.cursor === null ? {} : { cursor: page.cursor }),
    };
  },
);

/** Asks the provider again. */
export const retryPayment = endpoint(
  {
    tag: "Admin",
    summary: "Ask the provider again about a payment that needs attention",
    statuses: [200],
    answer: AdminOrder,
    problems: ["not_found", "order_state_conflict", "busy"],
  },
  (c) => act(c, "retryPayment", "retried"),
);

/** Takes a person's word for it. */
export const resolvePayment = endpoint(
  {
    tag: "Admin",
    summary: "Say that a payment which needs attention was put right by hand, and how",
    body: ResolveBody,
    statuses: [200],
    answer: AdminOrder,
    problems: ["not_found", "order_state_conflict", "busy"],
  },
  (c, { body }) => act(c, "resolvePayment", body.note),
);

/** What the provider itself says, so that its books can be compared with ours. */
export const listSandboxPayments = endpoint(
  {
    tag: "Admin",
    summary: "The sandbox's own books of an item, by order; 404 with another provider",
    query: SandboxQuery,
    statuses: [200],
    answer: SandboxPage,
    problems: ["not_found", "busy"],
  },
  async (c, { query: { sku, cursor = null, limit } }) => {
    const page = await callObject(() => c.env.PURCHASE.sandboxPayments(sku, cursor, limit));
    if (page === null) throw refused("not_found");
    return {
      payments: page.rows.map(sandboxPaymentView),
      ...(page.cursor === null ? {} : { cursor: page.cursor }),
    };
  },
);

async function act(
  c: GatewayContext,
  command: "refund" | "retryPayment" | "resolvePayment",
  reason: string,
) {
  const { orderId, sku } = requireOrderId(c);
  const by = staffActor(c, reason);
  const { order } = accepted(
    await callObject(() => c.env.PURCHASE.actOnPayment(sku, orderId, command, by)),
  );
  return adminOrderView(order);
}
