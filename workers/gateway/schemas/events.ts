import { z } from "@hono/zod-openapi";
import { DomainEvent } from "../../purchase/events/schemas.ts";
import { Cursor, Id, PageLimit } from "./common.ts";

/** Whose events, and from where on. */
export const EventsQuery = z.object({
  sku: Id.optional().openapi({
    description: "Those of one item; without it those of the sale itself, then of each item.",
  }),
  cursor: Cursor.optional(),
  limit: PageLimit.openapi({ description: "Rows of the books to look at: not all are events." }),
});

/** A page of events. */
export const EventPage = z
  .object({
    events: z.array(DomainEvent),
    cursor: Cursor.optional().openapi({ description: "Left out when nothing more is there yet." }),
  })
  .openapi("EventPage");
