import { eq, sql } from "drizzle-orm";
import { saleItems, sales } from "../../../d1/schema.ts";
import { SHOP_CHAIN, type ChainPage } from "../../../domain/books/chain.ts";
import { database } from "../database.ts";
import { ownerOf } from "./owners.ts";

/** A chain after a sequence, from its writer; `null` where there is none: no object is addressed for it. */
export async function readChain(
  env: PurchaseEnv,
  chain: string,
  after: number,
): Promise<ChainPage | null> {
  return (await isChain(env, chain)) ? ownerOf(env, chain).chain(after) : null;
}

async function isChain(env: PurchaseEnv, chain: string): Promise<boolean> {
  if (chain === SHOP_CHAIN) return true;
  const [kind, name = ""] = chain.split("/");
  const db = database(env);
  const one = { one: sql<number>`1` };
  const rows = await (kind === "item"
    ? db.select(one).from(saleItems).where(eq(saleItems.sku, name))
    : db.select(one).from(sales).where(eq(sales.saleId, name)));
  return rows.length > 0;
}
