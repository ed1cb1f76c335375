import { endpoint } from "../endpoint.ts";
import { requireAnySale, requireItem } from "../lookups.ts";
import { callObject } from "../object-calls.ts";
import { EventPage, EventsQuery } from "../schemas/events.ts";

/** What happened in a sale, in the form that others build on. */
export const listEvents = endpoint(
  {
    tag: "Admin",
    summary: "The domain events of a sale or of one item, oldest first, from the database alone",
    query: EventsQuery,
    statuses: [200],
    answer: EventPage,
    problems: ["not_found", "busy"],
  },
  async (c, { query: { sku, cursor = null, limit } }) => {
    const sale = await requireAnySale(c);
    const { saleId, items } = sale.definition;
    const filter =
      sku === undefined
        ? { saleId, skus: items.map((item) => item.sku), ofSale: true }
        : { saleId, skus: [requireItem(sale, sku).sku], ofSale: false };
    const page = await callObject(() => c.env.BOOKS.events(filter, cursor, limit));
    return { events: page.rows, ...(page.cursor === null ? {} : { cursor: page.cursor }) };
  },
);
