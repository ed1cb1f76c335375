import { z } from "zod";
import { CANCELLED_BY, PAYMENT_RESULTS } from "../../../domain/purchase/item-events.ts";

/*
 * The public form of what the books keep. An event's fields are added to and never change their meaning: what
 * would break a reader is the next version of its type, beside the one before. Readers pass over what they do
 * not know. docs/events.md is made from here.
 */

const time = z.iso.datetime();
const id = z.string().min(1);
const units = z.int().min(0);
const money = z.object({
  amount: z.int().min(0).describe("minor units: 49900 EUR is 499 euro"),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
const reason = z.string().optional().describe("why, where a person or the provider gave one");

const orderId = id;
const userId = id.describe("the shopper's subject; nothing else is said of them");
const quantity = z.int().min(1);
/** What every event of an order says. */
const order = { orderId, userId, quantity };
const total = money.describe("of the whole order");
const paymentId = id.describe("the attempt to pay: `orderId:attempt`");

const reservation = z.object({
  ...order,
  total,
  expiresAt: time.describe("until then it has to be paid"),
});

/** What every event says. */
export const Envelope = z.object({
  id: id.describe("names the fact for ever: its chain and its place in it"),
  type: z.string().describe("one of those above"),
  version: z.int().min(1).describe("of the type"),
  time: time.describe("when it happened, by its writer's clock"),
  sequence: z.int().min(1).describe("place in its chain: what comes later is higher"),
  traceparent: z
    .string()
    .optional()
    .describe("the request that it goes back to (W3C Trace Context)"),
  saleId: id,
  sku: id.optional().describe("the item, where it is one's"),
});

function event<const Type extends string, const Version extends number, Data extends z.ZodObject>(
  type: Type,
  version: Version,
  data: Data,
) {
  return Envelope.extend({ type: z.literal(type), version: z.literal(version), data });
}

export const FlashSaleStarted = event(
  "FlashSaleStarted",
  1,
  z.object({
    startsAt: time,
    endsAt: time,
    totalStock: units,
    items: z.array(z.object({ sku: id, stock: units })),
  }),
);

export const InventoryReserved = event("InventoryReserved", 1, reservation);

export const WaitlistOffered = event("WaitlistOffered", 1, reservation);

export const ReservationFailed = event(
  "ReservationFailed",
  1,
  z.object({
    count: units.describe(
      "refusals since the item's event before of this type; those counted by an object that was lost are missing",
    ),
    reasons: z.record(z.string(), units).describe("the same by the code of the refusal"),
  }),
);

export const ReservationExpired = event("ReservationExpired", 1, z.object(order));

export const PaymentProcessed = event(
  "PaymentProcessed",
  1,
  z.object({
    ...order,
    paymentId,
    status: z
      .enum(PAYMENT_RESULTS)
      .describe(
        "`declined`: the order may be paid otherwise; `failed`: it is over and its units are free; " +
          "`voided`, `refunded`: money that came too late for its order is back",
      ),
    amount: money,
    reason,
  }),
);

export const OrderConfirmed = event(
  "OrderConfirmed",
  1,
  z.object({
    ...order,
    paymentId,
    total,
    paymentMethod: z.string().optional().describe("`card`, or `cod`: cash on delivery"),
    paymentStatus: z
      .string()
      .optional()
      .describe("`authorised`, with the capture to follow, `captured` or `on_delivery`"),
  }),
);

export const OrderCancelled = event(
  "OrderCancelled",
  1,
  z.object({
    ...order,
    by: z.enum(CANCELLED_BY).describe("staff call off an order that is paid on delivery"),
    reason,
  }),
);

export const OrderRefunded = event(
  "OrderRefunded",
  1,
  z.object({ ...order, paymentId, amount: money, reason }),
);

export const FlashSaleEnded = event(
  "FlashSaleEnded",
  1,
  z.object({
    endsAt: time,
    by: z.enum(["time", "staff"]),
    items: z
      .array(z.object({ sku: id, stock: units, available: units, held: units, sold: units }))
      .describe("as the sale's line had last heard of them: open payments go on after the end"),
  }),
);

/** Every event in its newest version. */
export const DomainEvent = z.discriminatedUnion("type", [
  FlashSaleStarted,
  InventoryReserved,
  ReservationFailed,
  ReservationExpired,
  WaitlistOffered,
  PaymentProcessed,
  OrderConfirmed,
  OrderCancelled,
  OrderRefunded,
  FlashSaleEnded,
]);

export type DomainEvent = z.output<typeof DomainEvent>;
