import { z } from "@hono/zod-openapi";

/** An anonymous shopper's access token. */
export const GuestToken = z
  .object({
    accessToken: z.string(),
    tokenType: z.literal("Bearer"),
    expiresIn: z.int().openapi({ description: "Seconds." }),
  })
  .openapi("GuestToken");
