import { z } from "@hono/zod-openapi";
import { QUANTITY_MAX } from "../../../domain/limits.ts";
import { Time } from "./common.ts";

/** How many units to wait for. */
export const WaitlistBody = z
  .object({ quantity: z.int().min(1).max(QUANTITY_MAX) })
  .openapi("WaitlistEntry");

/** A place on the waiting list of an item. */
export const WaitlistView = z
  .object({
    position: z.int().nullable().openapi({ description: "1 is next; null unless waiting." }),
    state: z.enum(["waiting", "offered", "lapsed"]).openapi({
      description:
        "`offered`: the order is reserved, or was bought. `lapsed`: the offer was let go, or the sale is over.",
    }),
    quantity: z.int(),
    orderId: z.string().optional().openapi({ description: "The order that the offer is." }),
    offerExpiresAt: Time.optional().openapi({ description: "While the offer is open." }),
    pollAfterMs: z.int(),
  })
  .openapi("WaitlistView");
