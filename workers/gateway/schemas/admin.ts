import { z } from "@hono/zod-openapi";
import {
  INTAKES_MAX,
  LANES_MAX,
  NAME_MAX_CHARACTERS,
  SALE_ITEMS_MAX,
  STOCK_MAX,
  TEXT_MAX_CHARACTERS,
} from "../../../domain/limits.ts";
import {
  QUEUE_DEFAULTS,
  QUEUEING_METHODS,
  REORDER_WINDOW_MAX_MS,
} from "../../../domain/queue/settings.ts";
import { drawsPlaces } from "../../../domain/queue/shuffle.ts";
import { PublicRandomness, SaleItem, SaleTerms, StockLevel } from "./catalogue.ts";
import { Cursor, Id, Money, PageLimit, Time, TimeInput } from "./common.ts";
import { Order, OrderStatus } from "./purchase.ts";

/** Pictures of one product. */
const IMAGES_MAX = 10;
const URL_MAX_CHARACTERS = 2_048;
/** Units of one item that one shopper may have. */
const PER_SHOPPER_MAX = 1_000;
/** … and one network: a campus or a mobile operator shows a city by one address. */
const PER_ADDRESS_MAX = 1_000_000;
/** A hold that is open for longer than an hour keeps stock from others. */
const HOLD_MAX_SECONDS = 3_600;
const HOLD_DEFAULT_SECONDS = 120;
/** A day: no window of the queue has to be longer. */
const WINDOW_MAX_SECONDS = 86_400;
/** An invitation that nobody takes for an hour is none; every one that is open is a row to look after. */
const CLAIM_MAX_SECONDS = 3_600;
/** A beacon's name or address, and which of its values: both are on every board. */
const SOURCE_MAX_CHARACTERS = 200;
const ROUND_MAX_CHARACTERS = 100;
/** Beacons tell up to 512 bits, as 128 hex digits. */
const VALUE_MAX_CHARACTERS = 256;
/** Far above what one sale can admit. */
const USERS_MAX = 1_000_000;

const text = (max: number) => z.string().trim().min(1).max(max);
const name = text(NAME_MAX_CHARACTERS);
const seconds = (max: number) => z.int().min(1).max(max);

/** The path of an alias would hide a sale of this name. */
const RESERVED_SALE_ID = "active";

const description = z.string().max(TEXT_MAX_CHARACTERS);
const images = z
  .array(
    z
      .string()
      .max(URL_MAX_CHARACTERS)
      .regex(/^(\/|https?:\/\/)/, "has to be a path of this site or an http(s) address"),
  )
  .max(IMAGES_MAX);

/** A product to be created; without an id it gets one. */
export const NewProductBody = z
  .object({
    productId: Id.optional(),
    name,
    description: description.default(""),
    price: Money,
    images: images.default([]),
  })
  .openapi("NewProduct");

/** What is to change about a product; what is left out stays. */
export const ChangeProductBody = z
  .object({ name, description, price: Money, images })
  .partial()
  .openapi("ChangeProduct");

const NewSaleItem = z.object({
  sku: Id,
  productId: Id,
  salePrice: Money,
  stock: z.int().min(1).max(STOCK_MAX),
  intakes: z
    .int()
    .min(0)
    .max(INTAKES_MAX)
    .optional()
    .openapi({
      description:
        "Objects that bring purchases together to the item's own, for one that more than about 1,000 a " +
        "second buy; 0, as without it: shoppers call the item's own.",
    }),
});

const QueueFields = z.object({
  queueingMethod: z.enum(QUEUEING_METHODS).default(QUEUE_DEFAULTS.queueingMethod),
  newUsersPerMinute: z.int().min(1).max(USERS_MAX).default(QUEUE_DEFAULTS.newUsersPerMinute),
  totalActiveUsers: z.int().min(1).max(USERS_MAX).default(QUEUE_DEFAULTS.totalActiveUsers),
  sessionDurationSeconds: seconds(WINDOW_MAX_SECONDS).default(
    QUEUE_DEFAULTS.sessionDurationSeconds,
  ),
  disableSessionRenewal: z.boolean().default(QUEUE_DEFAULTS.disableSessionRenewal).openapi({
    description: "A pass ends when it was said to, whatever its shopper does.",
  }),
  claimSeconds: seconds(CLAIM_MAX_SECONDS).default(QUEUE_DEFAULTS.claimSeconds),
  reorderWindowMs: z
    .int()
    .min(0)
    .max(REORDER_WINDOW_MAX_MS)
    .default(QUEUE_DEFAULTS.reorderWindowMs),
  lanes: z.int().min(1).max(LANES_MAX).default(QUEUE_DEFAULTS.lanes),
  shuffleAtStart: z.boolean().default(QUEUE_DEFAULTS.shuffleAtStart).openapi({
    description: "Who enters before the start gets a place by lot; needs `prequeueStartsAt`.",
  }),
  allowRejoin: z.boolean().default(QUEUE_DEFAULTS.allowRejoin).openapi({
    description: "Who let the turn lapse or expire may have a new number, at the end.",
  }),
  prequeueStartsAt: TimeInput.nullish(),
  publicRandomness: z
    .object({ source: text(SOURCE_MAX_CHARACTERS), round: text(ROUND_MAX_CHARACTERS) })
    .optional()
    .openapi({
      description:
        "A public random value that nobody knows yet, which decides the draw, too: nobody is numbered " +
        "before an operator has brought it. Only where places are drawn.",
    }),
});

const QueueSettings = QueueFields.refine(
  ({ shuffleAtStart, prequeueStartsAt }) => !shuffleAtStart || prequeueStartsAt != null,
  {
    path: ["shuffleAtStart"],
    message: "needs prequeueStartsAt: nobody would enter early",
    when: areRight("shuffleAtStart", "prequeueStartsAt"),
  },
).refine((queue) => queue.publicRandomness === undefined || drawsPlaces(queue), {
  path: ["publicRandomness"],
  message: "needs shuffleAtStart or the method random: no places are drawn",
  when: areRight("publicRandomness", "shuffleAtStart", "queueingMethod"),
});

/** Judges a rule over fields that are right by themselves. */
function areRight(...fields: string[]): (payload: z.core.ParsePayload) => boolean {
  return ({ value, issues }) =>
    typeof value === "object" &&
    value !== null &&
    !issues.some(({ path }) => fields.includes(String(path?.[0])));
}

/** A sale to be created; what is left out gets the contract's defaults. */
export const NewSaleBody = z
  .object({
    saleId: Id.refine((id) => id !== RESERVED_SALE_ID, "is a reserved word").optional(),
    name,
    startsAt: TimeInput,
    endsAt: TimeInput,
    draft: z.boolean().default(false),
    allowGuests: z.boolean().default(true),
    limits: z
      .object({
        perShopper: z.int().min(1).max(PER_SHOPPER_MAX).default(1),
        perAddress: z.int().min(1).max(PER_ADDRESS_MAX).optional().openapi({
          description:
            "Units of an item for all who come from one network (an IPv4 address, an IPv6 /64).",
        }),
        perCard: z
          .int()
          .min(1)
          .max(PER_SHOPPER_MAX)
          .optional()
          .openapi({ description: "Units of an item that may be paid with one card." }),
        perPostalAddress: z.int().min(1).max(PER_SHOPPER_MAX).optional().openapi({
          description:
            "Units of an item that may go to one postal address; a checkout has to name it then.",
        }),
      })
      .default({ perShopper: 1 }),
    holdSeconds: seconds(HOLD_MAX_SECONDS).default(HOLD_DEFAULT_SECONDS),
    items: z.array(NewSaleItem).min(1).max(SALE_ITEMS_MAX),
    queue: QueueSettings.prefault({}),
  })
  .refine(({ startsAt, endsAt }) => startsAt < endsAt, {
    path: ["endsAt"],
    message: "has to be after startsAt",
    when: bothAre("startsAt", "endsAt"),
  })
  .refine(({ items }) => new Set(items.map(({ sku }) => sku)).size === items.length, {
    path: ["items"],
    message: "names a sku twice",
    when: bothAre("items", "items"),
  })
  .openapi("NewSale");

/** Judges a rule over fields also when others are not valid, so that every wrong field is named. */
function bothAre(one: string, other: string): (payload: z.core.ParsePayload) => boolean {
  const right = areRight(one, other);
  return (payload) =>
    right(payload) && one in (payload.value as object) && other in (payload.value as object);
}

const reason = text(NAME_MAX_CHARACTERS);

/** What is to change about a sale; what is left out stays. */
export const ChangeSaleBody = z
  .object({
    name: name.optional(),
    startsAt: TimeInput.optional().openapi({
      description: "Until the start has come; a time in the past starts the sale at once.",
    }),
    endsAt: TimeInput.optional().openapi({
      description: "Until the end has come; later than now.",
    }),
    draft: z.literal(false).optional().openapi({ description: "Schedules a draft." }),
    reason: reason.optional(),
  })
  .refine(
    ({ startsAt, endsAt }) => startsAt === undefined || endsAt === undefined || startsAt < endsAt,
    {
      path: ["endsAt"],
      message: "has to be after startsAt",
      when: bothAre("startsAt", "endsAt"),
    },
  )
  .openapi("ChangeSale");

/** What is to change about a line; what is left out stays. */
export const AdjustQueueBody = z
  .object({
    newUsersPerMinute: z.int().min(1).max(USERS_MAX).optional(),
    totalActiveUsers: z.int().min(1).max(USERS_MAX).optional(),
    sessionDurationSeconds: seconds(WINDOW_MAX_SECONDS).optional(),
    disableSessionRenewal: z.boolean().optional(),
    queueAll: z.boolean().optional().openapi({ description: "Nobody more is let in." }),
    suspended: z.boolean().optional().openapi({ description: "Everyone is let in." }),
    draining: z.boolean().optional().openapi({ description: "Nobody new gets a place." }),
    message: z
      .string()
      .trim()
      .min(1)
      .max(TEXT_MAX_CHARACTERS)
      .nullish()
      .openapi({ description: "Shown to everyone in line; null takes it away." }),
    reason: reason.optional(),
  })
  .openapi("AdjustQueue");

/** The public random value that the sale has named, as its source tells it. */
export const RandomnessBody = z
  .object({ value: text(VALUE_MAX_CHARACTERS), reason: reason.optional() })
  .openapi("Randomness");

/** A place to take back, and why. */
export const RevokeBody = z.object({ number: z.int().min(1), reason }).openapi("Revoke");

/** Why an order's money goes back. */
export const RefundBody = z.object({ reason }).openapi("Refund");

/** How a payment was put right. */
export const ResolveBody = z.object({ note: reason }).openapi("Resolve");

/** Units to add or to withdraw, and why. */
export const RestockBody = z
  .object({
    quantity: z
      .int()
      .min(-STOCK_MAX)
      .max(STOCK_MAX)
      .refine((quantity) => quantity !== 0, "must not be 0")
      .openapi({ description: "Units to add; below 0: to withdraw, at most those unsold." }),
    reason,
  })
  .openapi("Restock");

/** Counters are `null` while the line does not answer. */
const counter = z.int().nullable();

/** An item with its counters. */
export const AdminSaleItem = SaleItem.extend({
  intakes: z.int(),
  available: counter,
  held: counter,
  sold: counter,
});

/** A sale with its counters and all its settings. */
export const AdminSale = SaleTerms.extend({
  holdSeconds: z.int(),
  items: z.array(AdminSaleItem),
  queue: z.object({
    queueingMethod: z.enum(QUEUEING_METHODS),
    newUsersPerMinute: z.int(),
    totalActiveUsers: z.int(),
    sessionDurationSeconds: z.int(),
    disableSessionRenewal: z.boolean(),
    claimSeconds: z.int(),
    reorderWindowMs: z.int(),
    lanes: z.int(),
    shuffleAtStart: z.boolean(),
    allowRejoin: z.boolean(),
    prequeueStartsAt: Time.nullable(),
    publicRandomness: PublicRandomness.extend({
      value: z.string().nullable(),
      isMissing: z.boolean().openapi({ description: "The draw waits for the value." }),
    }).optional(),
    queueAll: z.boolean(),
    suspended: z.boolean(),
    draining: z.boolean(),
    message: z.string().nullable(),
    nowServing: counter,
    lastNumber: counter,
    ratePerMinute: z.number().nullable(),
  }),
}).openapi("AdminSale");

/** All sales. */
export const AdminSaleList = z.object({ sales: z.array(AdminSale) });

/** The counters after a restock. */
export const RestockAnswer = StockLevel;

/** Whose payments need a person. */
export const AttentionQuery = z.object({
  saleId: Id.optional(),
  cursor: Cursor.optional(),
  limit: PageLimit,
});

/** Which orders. */
export const AdminOrdersQuery = z.object({
  saleId: Id.optional(),
  status: OrderStatus.optional(),
  cursor: Cursor.optional(),
  limit: PageLimit,
});

/** An order, and who bought from which place in line. */
export const AdminOrder = Order.extend({
  shopper: z.string(),
  number: z.int().openapi({ description: "The place in line that bought." }),
  paymentMethod: z.string().optional(),
  attention: z.string().optional().openapi({ description: "Why the payment needs a person." }),
}).openapi("AdminOrder");

/** A page of orders. */
export const AdminOrderPage = z.object({
  orders: z.array(AdminOrder),
  cursor: Cursor.optional(),
});
