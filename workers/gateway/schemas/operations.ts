import { z } from "@hono/zod-openapi";

/** The Worker runs. */
export const Health = z.object({ status: z.literal("ok") });

/** Everything answers. */
export const Ready = z.object({ status: z.literal("ready") });
