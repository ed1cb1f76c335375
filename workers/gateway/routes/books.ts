import { endpoint } from "../endpoint.ts";
import { requireSaleOf } from "../lookups.ts";
import { callObject } from "../object-calls.ts";
import {
  ReconcileAnswer,
  ReconcileBody,
  Reconciliations,
  ReconciliationsQuery,
} from "../schemas/books.ts";
import { lastReconciliationView, reconciliationView } from "../views/books.ts";

/** Compares the books of items now. */
export const reconcile = endpoint(
  {
    tag: "Admin",
    summary:
      "Compare items' events with orders, payments, the provider's books and messages; some items a call",
    body: ReconcileBody,
    statuses: [200],
    answer: ReconcileAnswer,
    problems: ["busy"],
  },
  async (c, { body: { saleId = null, sku = null, cursor = null } }) => {
    const page = await callObject(() => c.env.BOOKS.reconcile({ saleId, sku }, cursor));
    return {
      items: page.rows.map(reconciliationView),
      ...(page.cursor === null ? {} : { cursor: page.cursor }),
    };
  },
);

/** How it came out the last time. */
export const listReconciliations = endpoint(
  {
    tag: "Admin",
    summary: "How the books of a sale's items compared the last time",
    query: ReconciliationsQuery,
    statuses: [200],
    answer: Reconciliations,
    problems: ["not_found", "busy"],
  },
  async (c, { query: { saleId } }) => {
    await requireSaleOf(c, saleId);
    const items = await callObject(() => c.env.BOOKS.reconciliations(saleId));
    return { items: items.map(lastReconciliationView) };
  },
);
