import { z } from "@hono/zod-openapi";
import { FINDING_KINDS } from "../../../domain/books/finding.ts";
import { SHOP_CHAIN } from "../../../domain/books/chain.ts";
import { Cursor, Id, Time } from "./common.ts";
import { AfterSequence } from "./figures.ts";

/** Whose history, and from where on. */
export const HistoryQuery = z
  .object({
    saleId: Id.optional().openapi({ description: "The chain of a sale." }),
    sku: Id.optional().openapi({ description: "The chain of an item: its ledger." }),
    chain: z
      .literal(SHOP_CHAIN)
      .optional()
      .openapi({ description: "The shop's own chain: products, sales, anchors." }),
    cursor: AfterSequence,
  })
  .refine(
    ({ saleId, sku, chain }) =>
      [saleId, sku, chain].filter((named) => named !== undefined).length === 1,
    { path: ["saleId"], message: "name one of saleId, sku and chain" },
  );

/** A chain's rows as people read them, oldest first. */
export const HistoryPage = z
  .object({
    rows: z.array(
      z.object({
        chain: z.string(),
        sequence: z.int(),
        at: Time,
        type: z.string(),
        actor: z.string().optional(),
        reason: z.string().optional(),
        action: z
          .record(z.string(), z.unknown())
          .openapi({ description: "What was done or became of it, by its type." }),
        address: z
          .string()
          .optional()
          .openapi({ description: "A keyed hash of the network that it came from." }),
        device: z
          .string()
          .optional()
          .openapi({ description: "A keyed hash of the browser that it came from." }),
        traceparent: z.string().optional(),
        hash: z.string().openapi({ description: "Chains the row to all before it." }),
      }),
    ),
    cursor: z.string().optional(),
  })
  .openapi("HistoryPage");

/** Where to go on. */
export const BooksQuery = z.object({ cursor: Cursor.optional() });

/** What a part of the verification has found. */
export const Verified = z
  .object({
    ok: z.boolean().openapi({ description: "Nothing was found in this part." }),
    chains: z.int().openapi({ description: "Chains that came to their end in this part." }),
    rows: z.int(),
    findings: z.array(
      z.object({
        chain: z.string(),
        sequence: z.int().openapi({ description: "The row, or the first that it is about." }),
        kind: z.enum(FINDING_KINDS),
        seenBy: z.enum(["chain", "mirror", "anchor"]),
        detail: z.string(),
      }),
    ),
    cursor: Cursor.optional().openapi({ description: "Ask again with it: there is more." }),
  })
  .openapi("Verified");

/** Lines of JSON: rows, heads, and where the next part begins. */
export const ExportLines = z.string();
