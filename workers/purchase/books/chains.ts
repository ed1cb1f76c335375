import { asc, eq, gt, sql } from "drizzle-orm";
import { saleItems, sales } from "../../../d1/schema.ts";
import { itemChain, saleChain, saleIdOf, SHOP_CHAIN, skuOf } from "../../../domain/books/chain.ts";
import { database } from "../database.ts";
import { auditLogOf } from "./owners.ts";

/** A place in all chains of the shop: everything of one up to a sequence is done, and all chains before it. */
export interface ChainCursor {
  chain: string;
  after: number;
}

const CURSOR = /^((?:item|sale)\/[A-Za-z0-9_-]{1,64}|shop)@(\d{1,15})$/;

export function encodeCursor({ chain, after }: ChainCursor): string {
  return `${chain}@${after}`;
}

/** A cursor as a caller brings it back; `null` for what is none. */
export function decodeCursor(text: string): ChainCursor | null {
  const [, chain, after] = CURSOR.exec(text) ?? [];
  return chain === undefined ? null : { chain, after: Number(after) };
}

/** Whether a chain may have this name. */
export function isChainName(chain: string): boolean {
  return decodeCursor(encodeCursor({ chain, after: 0 })) !== null;
}

/**
 * The chains after one of them, at most so many: the shop's own first, since it has the anchors of the others, and
 * those by name. They are known by the catalogue and by having been anchored: a chain does not go away with its
 * row in a table.
 */
export async function chainsAfter(
  env: PurchaseEnv,
  chain: string | null,
  limit: number,
): Promise<string[]> {
  if (chain === null) return [SHOP_CHAIN];
  const after = chain === SHOP_CHAIN ? "" : chain;
  const [listed, anchored] = await Promise.all([
    chainsListed(env, after, limit),
    auditLogOf(env).chains(after, limit),
  ]);
  return [...new Set([...listed, ...anchored])].toSorted(byName).slice(0, limit);
}

async function chainsListed(env: PurchaseEnv, after: string, limit: number): Promise<string[]> {
  const db = database(env);
  // By name all items come before all sales.
  const saleId = saleIdOf(after);
  const items = await (saleId !== null
    ? []
    : db
        .select({ sku: saleItems.sku })
        .from(saleItems)
        .where(gt(saleItems.sku, skuOf(after) ?? ""))
        .orderBy(asc(saleItems.sku))
        .limit(limit));
  const listed = await db
    .select({ saleId: sales.saleId })
    .from(sales)
    .where(gt(sales.saleId, saleId ?? ""))
    .orderBy(asc(sales.saleId))
    .limit(limit);
  return [
    ...items.map(({ sku }) => itemChain(sku)),
    ...listed.map(({ saleId }) => saleChain(saleId)),
  ].slice(0, limit);
}

function byName(one: string, other: string): number {
  return one < other ? -1 : 1;
}

/** Whether there is a chain of this name. */
export async function isChain(env: PurchaseEnv, chain: string): Promise<boolean> {
  if (chain === SHOP_CHAIN) return true;
  const sku = skuOf(chain);
  const db = database(env);
  const one = { one: sql<number>`1` };
  const rows = await (sku !== null
    ? db.select(one).from(saleItems).where(eq(saleItems.sku, sku))
    : db
        .select(one)
        .from(sales)
        .where(eq(sales.saleId, saleIdOf(chain) ?? "")));
  return rows.length > 0;
}
