import type { Order } from "../contract.ts";

/** An order just reserved, with whatever a test is about; `payment` as the first attempt unless told otherwise. */
export function orderOf(
  changes: Partial<Omit<Order, "payment">> = {},
  payment?: Partial<NonNullable<Order["payment"]>>,
): Order {
  return {
    orderId: "o1",
    saleId: "s1",
    sku: "phone",
    quantity: 1,
    total: { amount: 49_900, currency: "EUR" },
    status: "RESERVED",
    version: 1,
    createdAt: "2026-11-22T12:00:00Z",
    expiresAt: "2026-11-22T12:02:00Z",
    ...changes,
    ...(payment && { payment: { status: "declined", attempts: 1, ...payment } }),
  };
}
