import { z } from "@hono/zod-openapi";
import { AdminOrder } from "./admin.ts";
import { Cursor, Id, Time } from "./common.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** One difference, which names its row. */
const Difference = z
  .object({
    kind: z.string().openapi({ description: "What is wrong: `order_missing`, `charge_changed` …" }),
    table: z.string(),
    key: z.string().openapi({ description: "The row's key, its parts separated by a blank." }),
    field: z.string().optional(),
    expected: scalar.optional(),
    found: scalar.optional(),
  })
  .openapi("Difference");

const sum = z.int().openapi({ description: "Minor units." });

/** How many rows were compared, and their sums. */
const BooksFigures = z
  .object({
    events: z.int(),
    orders: z.int(),
    payments: z.int(),
    charges: z.int().nullable().openapi({
      description: "At the provider; null where its books cannot be read by item.",
    }),
    messages: z.int(),
    delivered: z.int(),
    unsettled: z.int().openapi({ description: "Orders that moved meanwhile: compared next time." }),
    units: z.object({ stock: z.int(), available: z.int(), held: z.int(), sold: z.int() }),
    money: z.object({
      currency: z.string().nullable(),
      captured: sum,
      refunded: sum,
      confirmed: sum,
      inFlight: sum,
      byHand: sum,
      onDelivery: sum,
    }),
  })
  .openapi("BooksFigures");

const outcome = { sku: z.string(), saleId: z.string(), ok: z.boolean(), throughSequence: z.int() };

/** Which items; without either all of them, some at a time. */
export const ReconcileBody = z
  .object({ saleId: Id.optional(), sku: Id.optional(), cursor: Cursor.optional() })
  .openapi("Reconcile");

/** How items came out now. */
export const ReconcileAnswer = z
  .object({
    items: z.array(
      z.object({
        ...outcome,
        figures: BooksFigures,
        count: z.int().openapi({ description: "All differences; at most 100 are listed." }),
        differences: z.array(Difference),
      }),
    ),
    cursor: Cursor.optional(),
  })
  .openapi("Reconciled");

/** Of which sale. */
export const ReconciliationsQuery = z.object({ saleId: Id });

/** How the items of a sale came out the last time. */
export const Reconciliations = z
  .object({
    items: z.array(z.object({ ...outcome, at: Time, count: z.int(), figures: BooksFigures })),
  })
  .openapi("Reconciliations");

/** Something that needs a person, and is no order's payment. */
export const AttentionItem = z
  .object({
    itemId: z.string(),
    kind: z.string(),
    saleId: z.string().optional(),
    sku: z.string().optional(),
    rows: z.array(Difference.partial({ kind: true })),
    detail: z.string(),
    createdAt: Time,
    lastSeenAt: Time,
    resolvedAt: Time.optional(),
    resolvedBy: z.string().optional(),
    note: z.string().optional(),
  })
  .openapi("AttentionItem");

/** A page of what needs a person. */
export const AttentionPage = z
  .object({
    orders: z.array(AdminOrder),
    items: z.array(AttentionItem),
    cursor: Cursor.optional(),
  })
  .openapi("AttentionPage");

/** What was acted on: the order, or the item, as it is then. */
export const Attended = z.union([AdminOrder, AttentionItem]);
