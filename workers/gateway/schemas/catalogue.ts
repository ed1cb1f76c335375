import { z } from "@hono/zod-openapi";
import { QUEUEING_METHODS } from "../../../domain/queue/settings.ts";
import { Cursor, Money, Time } from "./common.ts";

/** A public random value that is named before anybody knows it. */
export const PublicRandomness = z.object({ source: z.string(), round: z.string() });

/** Something a shop sells. */
export const Product = z
  .object({
    productId: z.string(),
    name: z.string(),
    description: z.string(),
    price: Money,
    images: z.array(z.string()),
  })
  .openapi("Product");

/** A page of products. */
export const ProductPage = z.object({ products: z.array(Product), cursor: Cursor.optional() });

/** The states of a sale. */
export const SaleState = z
  .enum(["draft", "scheduled", "prequeue", "active", "paused", "sold_out", "ended"])
  .openapi("SaleState");

/** One item as it was defined. */
export const SaleItem = z.object({
  sku: z.string(),
  productId: z.string(),
  name: z.string(),
  salePrice: Money,
  regularPrice: Money,
  stock: z.int(),
});

/** What shoppers and admins see alike. */
export const SaleTerms = z.object({
  saleId: z.string(),
  name: z.string(),
  state: SaleState,
  startsAt: Time,
  endsAt: Time,
  allowGuests: z.boolean(),
  limits: z.object({
    perShopper: z.int(),
    perAddress: z.int().optional(),
    perCard: z.int().optional(),
    perPostalAddress: z.int().optional(),
  }),
});

/** A sale as shoppers see it. */
export const Sale = SaleTerms.extend({
  items: z.array(SaleItem),
  queue: z.object({
    queueingMethod: z.enum(QUEUEING_METHODS),
    prequeueStartsAt: Time.nullable(),
    shuffleAtStart: z.boolean(),
    sessionDurationSeconds: z.int(),
    disableSessionRenewal: z.boolean(),
    claimSeconds: z.int(),
    allowRejoin: z.boolean(),
    publicRandomness: PublicRandomness.optional().openapi({
      description:
        "A public value that decides the draw, too; nobody knew it when the sale was created.",
    }),
  }),
}).openapi("Sale");

/** Sales. */
export const SaleList = z.object({ sales: z.array(Sale) });

/** Which sales; nobody but admins knows of drafts. */
export const SalesQuery = z.object({
  state: SaleState.exclude(["draft"])
    .optional()
    .openapi({ description: "Without it: what is going on and what is to come." }),
});

/** Units of one item: `stock = available + held + sold`, always. */
export const StockLevel = z
  .object({
    sku: z.string(),
    stock: z.int(),
    available: z.int(),
    held: z.int(),
    sold: z.int(),
  })
  .openapi("StockLevel");

/** The same with the item's waiting list, where it is known. */
export const ItemStatus = StockLevel.extend({
  waiting: z
    .int()
    .optional()
    .openapi({ description: "People on the item's waiting list; not there while it is unknown." }),
  offered: z
    .array(z.int())
    .optional()
    .openapi({
      description:
        "Numbers that have an open offer, newest first, at most 50; not there while they are unknown. Who finds " +
        "the own one looks at the place on the list; who does not hears of an offer by polling it.",
    }),
}).openapi("ItemStatus");

/** What everyone may know about a sale right now. */
export const SaleStatus = z
  .object({
    saleId: z.string(),
    state: SaleState,
    endingSoon: z.boolean(),
    allHeld: z.boolean().openapi({ description: "Nothing is available, but holds may come back." }),
    asOf: Time,
    version: z.int(),
    serverTime: Time,
    startsAt: Time,
    endsAt: Time,
    items: z.array(ItemStatus),
    queue: z.object({
      state: SaleState,
      nowServing: z.int(),
      lastNumber: z.int(),
      ratePerMinute: z.number(),
      shuffle: z
        .object({
          seedHash: z.string(),
          seed: z.string().nullable(),
          ends: z.array(z.int()),
          closed: z.int().nullable(),
          nextDrawAt: Time.nullable(),
          publicRandomness: PublicRandomness.extend({ value: z.string().nullable() }).nullable(),
        })
        .nullable()
        .openapi({
          description:
            "A sale that draws places: the first seed's SHA-256 from the beginning, how many had joined " +
            "at each draw, and the newest draw's seed; the one before it is its SHA-256. `closed` had " +
            "joined at a draw whose seed is not told yet. The order is that of the seed, or where a public " +
            'value is named that of the SHA-256 of "seed/value".',
        }),
      message: z.string().nullable(),
    }),
  })
  .openapi("SaleStatus");
