import { and, inArray, isNull } from "drizzle-orm";
import { attentionItems } from "../../../d1/schema.ts";
import type { Reconciliation } from "../../../domain/books/reconcile.ts";
import { differenceText } from "../../../domain/books/reconcile-text.ts";
import { sha256Hex } from "../../../domain/hash.ts";
import { database } from "../database.ts";
import { itemIdOf, openFindings, type Finding } from "./attention.ts";
import { noteInShop } from "./owners.ts";

/** What an item of the attention list is called that a reconciliation made. */
export const DIFFERENCE = "difference";

/** Rows that get an item of their own, of one reconciliation: the rest is counted in one more. */
const ITEMS_MAX = 20;
/** Differences that the alert event names. */
const NAMED_MAX = 10;
/** Enough that no two rows of an item meet. */
const ID_HEX_DIGITS = 16;

/** The bindings that a report needs. */
export type ReportEnv = Pick<PurchaseEnv, "AUDIT_LOG" | "DB">;

/**
 * Puts differences before a person, one item a row, and writes in the shop's chain what is new of them. What
 * was found before stays the same item; what a person has put right and is found again is open again.
 */
export async function reportDifferences(
  env: ReportEnv,
  result: Reconciliation,
  nowMs: number,
): Promise<void> {
  if (result.ok) return;
  const items = itemsOf(result);
  const open = await openOf(env, items);
  const news = items.filter(({ itemId }) => !open.has(itemId));
  if (news.length > 0) {
    const { sku, saleId, count, throughSequence } = result;
    const differences = news.flatMap(({ rows }) => rows).slice(0, NAMED_MAX);
    const detail = { sku, saleId, count, throughSequence, differences };
    const by = { actor: "system:reconciliation", reason: null };
    await noteInShop(env, "differed", detail, by);
  }
  await openFindings(database(env), items, nowMs);
}

function itemsOf({ sku, saleId, count, differences }: Reconciliation): Finding[] {
  const byRow = Map.groupBy(differences, ({ table, key }) => `${table} ${key}`);
  const items = [...byRow].slice(0, ITEMS_MAX).map(([row, rows]): Finding => {
    const itemId = itemIdOf(DIFFERENCE, `${sku}.${sha256Hex(row).slice(0, ID_HEX_DIGITS)}`);
    const detail = rows.map(differenceText).join(" ");
    return { itemId, kind: DIFFERENCE, saleId, sku, rows, detail };
  });
  const listed = items.reduce((sum, { rows }) => sum + rows.length, 0);
  if (count > listed) {
    const detail = `${count - listed} more differences of ${sku} are not listed one by one.`;
    const itemId = itemIdOf(DIFFERENCE, `${sku}.more`);
    items.push({ itemId, kind: DIFFERENCE, saleId, sku, rows: [], detail });
  }
  return items;
}

/** Which of these are open already. */
async function openOf(
  env: Pick<PurchaseEnv, "DB">,
  items: readonly Finding[],
): Promise<Set<string>> {
  const ids = items.map(({ itemId }) => itemId);
  const rows = await database(env)
    .select({ itemId: attentionItems.itemId })
    .from(attentionItems)
    .where(and(inArray(attentionItems.itemId, ids), isNull(attentionItems.resolvedAtMs)));
  return new Set(rows.map(({ itemId }) => itemId));
}
