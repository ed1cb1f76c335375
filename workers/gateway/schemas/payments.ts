import { z } from "@hono/zod-openapi";
import { Money } from "./common.ts";
import { Order } from "./purchase.ts";

/** What is said of a webhook that was taken. */
export const WebhookAnswer = z.object({ received: z.literal(true) }).openapi("WebhookAnswer");

/** How one attempt to pay stands. */
export const PaymentStatus = z
  .object({
    paymentId: z.string().openapi({
      description: "`orderId:attempt`; the first attempt to pay an order is 1.",
      example: "phone-1.tJ2c8q1Zr0mC9v3sV5n0Aw.q83vEjRWeJA:1",
    }),
    orderId: z.string(),
    attempt: z.int(),
    amount: Money,
    status: z.string().openapi({
      description:
        "As the order's `payment.status`; `over` of an attempt before the newest one, of which nothing stays charged.",
    }),
    lastError: z.string().optional().openapi({ description: "Why it was declined." }),
    nextAction: Order.shape.nextAction,
  })
  .openapi("PaymentStatus");

/** What the shopper says at the bank of the sandbox. */
export const BankBody = z
  .object({ answer: z.enum(["approve", "decline"]) })
  .openapi("SandboxBankAnswer");

/** A payment as the bank of the sandbox shows it. */
export const BankPayment = z
  .object({
    orderId: z.string(),
    merchant: z.string(),
    amount: Money,
    state: z.enum(["open", "approved", "declined", "closed"]).openapi({
      description: "The first answer stands. `closed`: given up before there was one.",
    }),
  })
  .openapi("SandboxBankPayment");
