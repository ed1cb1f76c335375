import { z } from "@hono/zod-openapi";
import { Cursor, Id, Money, PageLimit, queryInteger, Time } from "./common.ts";

const counts = z.record(z.string(), z.int());

const percentiles = z.object({ p50: z.int(), p90: z.int(), p99: z.int() }).nullable();

/** How the summary is to be written; without it the header `Accept` says. */
export const SummaryQuery = z.object({ format: z.enum(["json", "csv"]).optional() });

/** The figures of a sale. */
export const Summary = z
  .object({
    saleId: z.string(),
    sold: z.int(),
    revenue: Money.nullable(),
    orders: z.object({ byStatus: counts }),
    shoppers: z.int().openapi({ description: "Shoppers with an order." }),
    joined: z.int().nullable().openapi({
      description: "Places given; who came back after a turn that passed has had two.",
    }),
    buyers: z.int().openapi({ description: "Shoppers with a confirmed order." }),
    conversion: z.number().nullable().openapi({ description: "Buyers by joined." }),
    refunds: z.object({ orders: z.int(), amount: Money }),
    peakPerMinute: z.int().nullable().openapi({
      description:
        "Most confirmations in any 60 seconds. It and the times: when the sale has ended.",
    }),
    waitMs: percentiles.openapi({
      description: "From joining to the pass; who came before the start waited from the start.",
    }),
    waitSampledEvery: z.int().nullable().openapi({
      description: "The waits are those of every so-manieth place; 1: of all.",
    }),
    purchaseMs: percentiles.openapi({ description: "From the hold to the confirmation." }),
    oversold: z.int(),
    soldOutAt: Time.optional(),
    waitlist: z
      .array(
        z.object({
          sku: z.string(),
          waiting: z.int(),
          offered: z.int(),
          bought: z.int(),
          lapsed: z.int(),
          left: z.int(),
        }),
      )
      .openapi({
        description:
          "What became of those who waited, by item: those who wait still, offers that are open, bought " +
          "or let go, and those who left.",
      }),
    objects: z
      .object({
        skus: z.array(
          z.object({
            sku: z.string(),
            calls: counts,
            commits: z.int(),
            commands: z.int(),
            refusals: counts,
            projection: z
              .object({ events: z.int(), p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() })
              .optional()
              .openapi({
                description:
                  "From when an event happened to when the item heard that its row is there.",
              }),
          }),
        ),
        sequencer: z
          .object({
            calls: counts,
            commits: z.int(),
            inside: z.int(),
            peakInside: z.int(),
            cursor: z.int(),
            lastNumber: z.int(),
          })
          .optional(),
        lanes: z.object({ calls: counts }).optional(),
        intakes: z.object({ calls: counts }).optional(),
      })
      .openapi({ description: "What the sale's objects counted since they woke." }),
  })
  .openapi("Summary");

/** From where on rows are wanted that have a sequence. */
export const AfterSequence = queryInteger(0, Number.MAX_SAFE_INTEGER, 0).openapi({
  description: "The last sequence that is known already.",
});

/** Whose ledger, and from where on. */
export const LedgerQuery = z.object({ sku: Id, cursor: AfterSequence });

/** Rows of a ledger, each with the counters after it. */
export const LedgerPage = z.object({
  rows: z.array(
    z.object({
      sequence: z.int(),
      at: Time,
      type: z.string(),
      orderId: z.string().optional(),
      quantity: z.int(),
      available: z.int(),
      held: z.int(),
      sold: z.int(),
      reason: z.string().optional(),
      actor: z.string().optional().openapi({ description: "Who did it." }),
      refusals: counts
        .optional()
        .openapi({ description: "Purchases refused since the last such row, by code." }),
    }),
  ),
  cursor: z.string().optional(),
});

/** Whose payments, and from where on. */
export const SandboxQuery = z.object({ sku: Id, cursor: Cursor.optional(), limit: PageLimit });

/** What the sandbox did for each attempt of an order. */
export const SandboxPage = z.object({
  payments: z.array(
    z.object({
      orderId: z.string(),
      attempt: z.int(),
      state: z.string(),
      amount: Money,
      bookings: z.array(
        z.object({
          kind: z.string().openapi({ description: "charge, capture, void or refund" }),
          at: Time,
          amount: Money,
        }),
      ),
    }),
  ),
  cursor: Cursor.optional(),
});
