import { z } from "@hono/zod-openapi";

/** A cursor holds a table's key: an order id and a shopper at the longest. */
const CURSOR_MAX_CHARACTERS = 2_000;

const Count = z.int().min(0);

/** The next step of a rebuild. */
export const RebuildBody = z.object({
  cursor: z
    .string()
    .min(1)
    .max(CURSOR_MAX_CHARACTERS)
    .optional()
    .openapi({ description: "Of the step before; left out, a rebuild begins." }),
  restore: z.boolean().default(false).openapi({
    description:
      "Put right what differs where it may be changed, and add what is missing; the same in every step.",
  }),
});

/** What a step has done. */
export const RebuildStep = z
  .object({
    phase: z.enum(["read", "settle", "mend", "check"]).openapi({
      description: "`settle`: the projection is behind, come again in a second.",
    }),
    read: Count.openapi({ description: "Rows of chains that this step has read." }),
    tables: z.array(
      z.object({
        table: z.string(),
        rows: Count,
        newer: Count.openapi({ description: "Brought by later events, and not compared." }),
        missing: Count,
        surplus: Count,
        different: Count,
        mended: Count,
        named: z.array(
          z.object({
            verdict: z.enum(["missing", "surplus", "different", "newer"]),
            key: z.string(),
          }),
        ),
      }),
    ),
    cursor: z.string().optional(),
  })
  .openapi("RebuildStep");
