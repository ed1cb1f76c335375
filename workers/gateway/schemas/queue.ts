import { z } from "@hono/zod-openapi";
import { PublicRandomness } from "./catalogue.ts";
import { Time } from "./common.ts";

/** What somebody who joined can show for it. */
const Receipt = z
  .object({
    leaf: z
      .string()
      .openapi({ description: "The entry in the sale's public log, as it is hashed." }),
    index: z.int().openapi({ description: "Where it stands there, from 0." }),
    checkpoint: z.string().openapi({ description: "A signed head that covers it." }),
  })
  .openapi("Receipt");

/** A place in line. */
export const QueueView = z
  .object({
    state: z.enum(["early", "waiting", "admitted", "lapsed", "expired", "left", "closed"]),
    reason: z.enum(["sold_out", "ended", "revoked", "rejected"]).nullable(),
    paused: z.boolean(),
    number: z.int().nullable(),
    ahead: z.int().nullable().openapi({ description: "Shoppers before this one." }),
    estimate: z.object({ minSeconds: z.int(), maxSeconds: z.int() }).nullable(),
    pollAfterMs: z.int(),
    nowServing: z.int(),
    message: z.string().nullable(),
    drawsAt: Time.optional().openapi({
      description: "When this shopper's place is drawn, where places are drawn.",
    }),
    drawsAfter: PublicRandomness.optional().openapi({
      description: "The public value that the draw waits for, while it is missing.",
    }),
    ticket: z.string().optional().openapi({ description: "Replaces the one before." }),
    pass: z.string().optional(),
    passExpiresAt: Time.optional(),
    receipt: Receipt.optional().openapi({
      description: "Proof of the join, in its answer and every repeat's; docs/fairness.md.",
    }),
  })
  .openapi("QueueView");

/** Where a socket is opened. */
export const LiveAddress = z
  .object({
    url: z.string().openapi({
      description:
        "A WebSocket, to be opened once within 30 s. It brings the sale's status as " +
        '`{type: "board", version, ...}` on change; `ping` is answered with `pong`.',
    }),
  })
  .openapi("LiveAddress");

/** The shopper's ticket, for the API document. */
export const TICKET_HEADER = {
  name: "Queue-Ticket",
  in: "header",
  required: true,
  description: "The ticket of the join, or the fresh one of a later view.",
  schema: { type: "string" },
} as const;

/** The shopper's pass, where there is one. */
export const PASS_HEADER = {
  name: "Queue-Pass",
  in: "header",
  required: false,
  description: "The pass, once there is one.",
  schema: { type: "string" },
} as const;

/** The same where nothing goes without it. */
export const REQUIRED_PASS_HEADER = { ...PASS_HEADER, required: true } as const;
