import type { z } from "@hono/zod-openapi";
import type { OrderRow } from "../../../domain/purchase/ledger.ts";
import { formatTime } from "../../../domain/time.ts";
import type { AdminOrder } from "../schemas/admin.ts";
import type { Order } from "../schemas/purchase.ts";

/** An order as its shopper sees it. */
export function orderView(row: OrderRow): z.input<typeof Order> {
  const { orderId, saleId, sku, quantity, amount, currency, status, version } = row;
  const isOpen = status === "RESERVED" || status === "PAYMENT_PENDING";
  const { paymentState, paymentAttempts, paymentError, paymentActionUrl: url } = row;
  const { paymentDeadlineMs: deadlineMs } = row;
  const lastError = paymentError === null ? {} : { lastError: paymentError };
  return {
    orderId,
    saleId,
    sku,
    quantity,
    total: { amount, currency },
    status,
    version,
    createdAt: formatTime(row.createdAtMs),
    ...(isOpen ? { expiresAt: formatTime(row.expiresAtMs) } : {}),
    ...(paymentState === null
      ? {}
      : {
          payment: {
            status: paymentState,
            attempts: paymentAttempts,
            ...lastError,
            ...(deadlineMs ? { deadline: formatTime(deadlineMs) } : {}),
          },
        }),
    ...(isOpen && url ? { nextAction: { type: "redirect", url } } : {}),
  };
}

/** An order as admins see it. */
export function adminOrderView(row: OrderRow): z.input<typeof AdminOrder> {
  const { shopper, number, paymentMethod, paymentAttention } = row;
  return {
    ...orderView(row),
    shopper,
    number,
    ...(paymentMethod ? { paymentMethod } : {}),
    ...(paymentAttention ? { attention: paymentAttention } : {}),
  };
}
