import { z } from "@hono/zod-openapi";
import { QUANTITY_MAX } from "../../../domain/limits.ts";
import { ORDER_STATUSES } from "../../../domain/purchase/hold.ts";
import { Cursor, Id, Money, Time } from "./common.ts";

/** A provider's token for a card is far shorter. */
const PAYMENT_TOKEN_MAX_CHARACTERS = 255;

/** What is to be reserved. */
export const PurchaseBody = z
  .object({ sku: Id, quantity: z.int().min(1).max(QUANTITY_MAX) })
  .openapi("Purchase");

/** A hold with its deadline. */
export const PurchaseAnswer = z
  .object({
    orderId: z.string(),
    status: z.literal("RESERVED"),
    expiresAt: Time,
    total: Money,
  })
  .openapi("PurchaseAnswer");

/** Lines of an address: far above any label that a parcel service prints. */
const ADDRESS_LINE_MAX_CHARACTERS = 200;
const POSTAL_CODE_MAX_CHARACTERS = 20;

const addressLine = z.string().trim().max(ADDRESS_LINE_MAX_CHARACTERS);

/** Where the order goes. */
const ShippingAddress = z
  .object({
    name: addressLine.optional(),
    line1: addressLine.min(1),
    line2: addressLine.optional(),
    postalCode: z.string().trim().min(1).max(POSTAL_CODE_MAX_CHARACTERS),
    city: addressLine.min(1),
    region: addressLine.optional(),
    country: z.string().regex(/^[A-Z]{2}$/, "has to be two capital letters (ISO 3166-1 alpha-2)"),
  })
  .openapi("ShippingAddress");

const shippingAddress = ShippingAddress.optional().openapi({
  description: "Needed where the sale limits units by postal address. Only a keyed hash is kept.",
});

/** How to pay. */
export const CheckoutBody = z
  .discriminatedUnion(
    "paymentMethod",
    [
      z.object({
        paymentMethod: z.literal("card"),
        paymentToken: z.string().min(1).max(PAYMENT_TOKEN_MAX_CHARACTERS),
        shippingAddress,
      }),
      z.object({
        paymentMethod: z.literal("cod").openapi({ description: "Cash on delivery." }),
        shippingAddress,
      }),
    ],
    { error: 'has to be "card" or "cod"' },
  )
  .openapi("Checkout");

/** The payment runs; with cash on delivery the order is confirmed. */
export const CheckoutAnswer = z
  .object({ orderId: z.string(), status: z.enum(["PAYMENT_PENDING", "CONFIRMED"]) })
  .openapi("CheckoutAnswer");

/** The states of an order. */
export const OrderStatus = z.enum(ORDER_STATUSES).openapi("OrderStatus");

/** An order as its shopper sees it. */
export const Order = z
  .object({
    orderId: z.string(),
    saleId: z.string(),
    sku: z.string(),
    quantity: z.int(),
    total: Money,
    status: OrderStatus,
    version: z.int().openapi({ description: "Grows with every change." }),
    createdAt: Time,
    expiresAt: Time.optional().openapi({ description: "The end of the hold, while it is open." }),
    payment: z
      .object({
        status: z.string(),
        attempts: z.int(),
        lastError: z.string().optional(),
        deadline: Time.optional().openapi({
          description: "When a payment under way is given up; nothing is charged then.",
        }),
      })
      .optional(),
    nextAction: z
      .object({ type: z.literal("redirect"), url: z.string() })
      .optional()
      .openapi({ description: "What the shopper has to do before the payment goes on." }),
  })
  .openapi("Order");

/** A page of orders. */
export const OrderPage = z.object({ orders: z.array(Order), cursor: Cursor.optional() });
