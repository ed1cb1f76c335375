import type { Actor } from "../../../domain/books/actor.ts";
import { SHOP_CHAIN } from "../../../domain/books/chain.ts";
import type { ShopTrailType } from "../../../domain/books/trail.ts";

/** The object that keeps the shop's chain, where there is one. */
export interface ShopTrailEnv {
  AUDIT_LOG?: {
    getByName(name: string): {
      record(type: ShopTrailType, detail: object, by: Actor): Promise<{ ok: boolean }>;
    };
  };
}

/** Writes a fact in the shop's chain. @throws Error when the chain does not take it. */
export async function noteInShop(
  env: ShopTrailEnv,
  type: ShopTrailType,
  detail: object,
  by: Actor,
): Promise<void> {
  const written = await env.AUDIT_LOG?.getByName(SHOP_CHAIN).record(type, detail, by);
  if (written?.ok === false) throw new Error(`The shop's chain has not taken "${type}".`);
}
