import type { z } from "zod";
import * as schemas from "./schemas.ts";

type Type = schemas.DomainEvent["type"];
type Example<T extends Type> = Extract<schemas.DomainEvent, { type: T }>;

interface Entry<T extends Type> {
  schema: z.ZodType<Example<T>>;
  /** The fact, in a sentence. */
  says: string;
  /** What others call it. */
  otherNames: readonly string[];
  example: Example<T>;
}

const SALE = { saleId: "friday-drop" };
const ITEM = { ...SALE, sku: "phone-1" };
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const ORDER = {
  orderId: "phone-1.tJ2c8q1Zr0mC9v3sV5n0Aw.q83vEjRWeJA",
  userId: "g_7Vd0cJQm3kq1",
  quantity: 1,
};
const TOTAL = { amount: 49_900, currency: "EUR" };
const PAYMENT_ID = `${ORDER.orderId}:1`;

function ofItem<const T extends Type>(type: T, sequence: number, time: string) {
  const id = `item/${ITEM.sku}/${sequence}`;
  return { id, type, version: 1, time: `2026-11-27T12:${time}Z`, sequence, ...ITEM } as const;
}

/** Every event: what it says, what others call it, one example. */
export const CATALOGUE: { readonly [T in Type]: Entry<T> } = {
  FlashSaleStarted: {
    schema: schemas.FlashSaleStarted,
    says: "A sale has started, by its time or by staff.",
    otherNames: [],
    example: {
      id: `sale/${SALE.saleId}/2`,
      type: "FlashSaleStarted",
      version: 1,
      time: "2026-11-27T12:00:00.000Z",
      sequence: 2,
      ...SALE,
      data: {
        startsAt: "2026-11-27T12:00:00.000Z",
        endsAt: "2026-11-27T14:00:00.000Z",
        totalStock: 1_500,
        items: [
          { sku: "phone-1", stock: 1_000 },
          { sku: "tablet-1", stock: 500 },
        ],
      },
    },
  },
  InventoryReserved: {
    schema: schemas.InventoryReserved,
    says: "Units are held for a shopper who came through the line.",
    otherNames: [
      "reservation.created",
      "FlashSaleStockReserved",
      "OrderCreated",
      "order.created",
      "PurchaseAttempted",
    ],
    example: {
      ...ofItem("InventoryReserved", 2, "00:01.204"),
      traceparent: TRACEPARENT,
      data: { ...ORDER, total: TOTAL, expiresAt: "2026-11-27T12:02:01.204Z" },
    },
  },
  ReservationFailed: {
    schema: schemas.ReservationFailed,
    says: "Purchases were refused: how many, and why. It is counted and told every ten seconds at most, not once a refusal.",
    otherNames: ["FlashSalePurchaseFailed", "OrderCreationFailed", "PurchaseAttempted"],
    example: {
      ...ofItem("ReservationFailed", 2_107, "00:41.900"),
      data: { count: 812, reasons: { sold_out: 790, limit_reached: 22 } },
    },
  },
  ReservationExpired: {
    schema: schemas.ReservationExpired,
    says: "A hold was not paid in time; its units are free.",
    otherNames: ["reservation.expired"],
    example: {
      ...ofItem("ReservationExpired", 2_315, "02:01.204"),
      traceparent: TRACEPARENT,
      data: ORDER,
    },
  },
  WaitlistOffered: {
    schema: schemas.WaitlistOffered,
    says: "Units that came free are held for the next on the waiting list.",
    otherNames: ["reservation.created"],
    example: {
      ...ofItem("WaitlistOffered", 2_316, "02:01.204"),
      data: { ...ORDER, total: TOTAL, expiresAt: "2026-11-27T12:04:01.204Z" },
    },
  },
  PaymentProcessed: {
    schema: schemas.PaymentProcessed,
    says: "An attempt to pay has come to something, other than the confirmation or the refund of its order.",
    otherNames: [
      "PaymentConfirmed",
      "PaymentFailed",
      "payment.succeeded",
      "payment.failed",
      "order.failed",
    ],
    example: {
      ...ofItem("PaymentProcessed", 9, "00:09.870"),
      traceparent: TRACEPARENT,
      data: { ...ORDER, paymentId: PAYMENT_ID, status: "captured", amount: TOTAL },
    },
  },
  OrderConfirmed: {
    schema: schemas.OrderConfirmed,
    says: "A payment is authorised, or to be made on delivery: the units are sold.",
    otherNames: ["PurchaseCompleted", "order.confirmed"],
    example: {
      ...ofItem("OrderConfirmed", 8, "00:09.310"),
      traceparent: TRACEPARENT,
      data: {
        ...ORDER,
        paymentId: PAYMENT_ID,
        total: TOTAL,
        paymentMethod: "card",
        paymentStatus: "authorised",
      },
    },
  },
  OrderCancelled: {
    schema: schemas.OrderCancelled,
    says: "An order that nothing was paid for is given up; its units are free.",
    otherNames: [],
    example: {
      ...ofItem("OrderCancelled", 14, "00:32.002"),
      traceparent: TRACEPARENT,
      data: { ...ORDER, by: "shopper" },
    },
  },
  OrderRefunded: {
    schema: schemas.OrderRefunded,
    says: "The money of a confirmed order is back, and its units are free.",
    otherNames: [],
    example: {
      ...ofItem("OrderRefunded", 2_460, "09:12.774"),
      traceparent: TRACEPARENT,
      data: { ...ORDER, paymentId: PAYMENT_ID, amount: TOTAL, reason: "Broken on arrival." },
    },
  },
  FlashSaleEnded: {
    schema: schemas.FlashSaleEnded,
    says: "A sale is over, by its time or by staff.",
    otherNames: [],
    example: {
      id: `sale/${SALE.saleId}/5`,
      type: "FlashSaleEnded",
      version: 1,
      time: "2026-11-27T14:00:00.000Z",
      sequence: 5,
      ...SALE,
      data: {
        endsAt: "2026-11-27T14:00:00.000Z",
        by: "time",
        items: [
          { sku: "phone-1", stock: 1_000, available: 0, held: 0, sold: 1_000 },
          { sku: "tablet-1", stock: 500, available: 61, held: 2, sold: 437 },
        ],
      },
    },
  },
};
