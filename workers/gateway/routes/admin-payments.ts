import type { z } from "@hono/zod-openapi";
import { endpoint } from "../endpoint.ts";
import type { GatewayContext } from "../gateway.ts";
import { callObject } from "../object-calls.ts";
import { staffActor } from "../origin.ts";
import { accepted, refused } from "../problems.ts";
import { AdminOrder, RefundBody } from "../schemas/admin.ts";
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
  (c, { body }) => act(c, requireOrderId(c), "refund", body.reason),
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

/** Acts on an order of ours, as the member of staff who asks. */
export async function act(
  c: GatewayContext,
  { orderId, sku }: { orderId: string; sku: string },
  command: "refund" | "retryPayment" | "resolvePayment",
  reason: string,
): Promise<z.input<typeof AdminOrder>> {
  const by = staffActor(c, reason);
  const { order } = accepted(
    await callObject(() => c.env.PURCHASE.actOnPayment(sku, orderId, command, by)),
  );
  return adminOrderView(order);
}
