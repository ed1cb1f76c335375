import type { z } from "@hono/zod-openapi";
import type { Reconciliation } from "../../../domain/books/reconcile.ts";
import { formatTime } from "../../../domain/time.ts";
import type { AttentionItem as Item } from "../../purchase/books/attention-list.ts";
import type { LastReconciliation } from "../../purchase/books/reconcile.ts";
import type { AttentionItem, ReconcileAnswer, Reconciliations } from "../schemas/books.ts";

/** How an item came out. */
export function reconciliationView(
  result: Reconciliation,
): z.input<typeof ReconcileAnswer>["items"][number] {
  return result;
}

/** How an item came out the last time. */
export function lastReconciliationView(
  last: LastReconciliation,
): z.input<typeof Reconciliations>["items"][number] {
  const { sku, saleId, atMs, throughSequence, differences: count, figures } = last;
  return { sku, saleId, at: formatTime(atMs), ok: count === 0, throughSequence, count, figures };
}

/** What needs a person. */
export function attentionItemView(item: Item): z.input<typeof AttentionItem> {
  const { itemId, kind, saleId, sku, rows, detail, resolvedAtMs, resolvedBy, note } = item;
  return {
    itemId,
    kind,
    ...(saleId === null ? {} : { saleId }),
    ...(sku === null ? {} : { sku }),
    rows,
    detail,
    createdAt: formatTime(item.createdAtMs),
    lastSeenAt: formatTime(item.lastSeenAtMs),
    ...(resolvedAtMs === null ? {} : { resolvedAt: formatTime(resolvedAtMs) }),
    ...(resolvedBy === null ? {} : { resolvedBy }),
    ...(note === null ? {} : { note }),
  };
}
