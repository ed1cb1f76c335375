import { and, desc, eq, isNull } from "drizzle-orm";
import { attentionItems } from "../../../d1/schema.ts";
import type { Actor } from "../../../domain/books/actor.ts";
import type { Scalar } from "../../../domain/books/reconcile.ts";
import { refuse, type Refusal } from "../../../domain/problem.ts";
import { database } from "../database.ts";
import { isBehind, pageOf, type Page } from "../page.ts";
import type { NamedRow } from "./attention.ts";
import { noteInShop } from "./owners.ts";

/** A row that an item names; a difference says more of it. */
export interface AttentionRow extends NamedRow {
  kind?: string;
  field?: string;
  expected?: Scalar;
  found?: Scalar;
}

/** What needs a person beside payments. */
export interface AttentionItem {
  itemId: string;
  kind: string;
  saleId: string | null;
  sku: string | null;
  rows: AttentionRow[];
  detail: string;
  createdAtMs: number;
  lastSeenAtMs: number;
  resolvedAtMs: number | null;
  resolvedBy: string | null;
  note: string | null;
}

/** Open items, newest first; of all sales, or of one. */
export async function openAttention(
  env: Pick<PurchaseEnv, "DB">,
  saleId: string | null,
  cursor: string | null,
  limit: number,
): Promise<Page<AttentionItem>> {
  const { createdAtMs, itemId, resolvedAtMs, saleId: ofSale } = attentionItems;
  const rows = await database(env)
    .select()
    .from(attentionItems)
    .where(
      and(
        isNull(resolvedAtMs),
        saleId === null ? undefined : eq(ofSale, saleId),
        isBehind(createdAtMs, itemId, cursor),
      ),
    )
    .orderBy(desc(createdAtMs), desc(itemId))
    .limit(limit + 1);
  return pageOf(rows.map(toItem), limit, ({ createdAtMs: at, itemId: name }) => ({ at, name }));
}

/** One item; `null` when there is none. */
export async function findAttention(
  env: Pick<PurchaseEnv, "DB">,
  itemId: string,
): Promise<AttentionItem | null> {
  const [row] = await database(env)
    .select()
    .from(attentionItems)
    .where(eq(attentionItems.itemId, itemId));
  return row ? toItem(row) : null;
}

/** Takes a person's word that an item is put right, and keeps it in the shop's chain. A repeat finds the first word. */
export async function resolveAttention(
  env: Pick<PurchaseEnv, "AUDIT_LOG" | "DB">,
  itemId: string,
  by: Actor,
  nowMs: number,
): Promise<{ ok: true; item: AttentionItem } | Refusal> {
  const item = await findAttention(env, itemId);
  if (!item) return refuse("not_found");
  if (item.resolvedAtMs !== null) return { ok: true, item };
  const { kind, saleId, sku, rows } = item;
  await noteInShop(env, "attention_resolved", { itemId, kind, saleId, sku, rows }, by);
  const resolved = { resolvedAtMs: nowMs, resolvedBy: by.actor, note: by.reason };
  await database(env)
    .update(attentionItems)
    .set(resolved)
    .where(and(eq(attentionItems.itemId, itemId), isNull(attentionItems.resolvedAtMs)));
  return { ok: true, item: { ...item, ...resolved } };
}

function toItem(row: typeof attentionItems.$inferSelect): AttentionItem {
  return { ...row, rows: JSON.parse(row.rows) as AttentionRow[] };
}
