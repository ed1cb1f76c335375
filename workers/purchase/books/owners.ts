import {
  saleIdOf,
  SHOP_CHAIN,
  skuOf,
  type ChainHead,
  type ChainPage,
} from "../../../domain/books/chain.ts";
import type { Actor } from "../../../domain/books/actor.ts";
import type { ShopTrailType } from "../../../domain/books/trail.ts";
import type { AuditLog } from "../../../durable-objects/audit-log.ts";

/** The single writer of a chain, as those see it who read the chain or are sent it. */
export interface ChainOwner {
  /** Rows after a sequence, and where the chain stands. */
  chain(after: number): Promise<ChainPage>;
  /** Where the chain stands; `null` before there is one. */
  head(): Promise<ChainHead | null>;
  /** A consumer has written these, after its own commit; `readsTexts`: pages may be texts. Only items send such. */
  acked(fromSequence: number, throughSequence: number, readsTexts: boolean): Promise<void>;
}

/** The bindings that lead to owners. */
export type OwnersEnv = Pick<PurchaseEnv, "AUDIT_LOG" | "QUEUE_SEQUENCER" | "SKU">;

/**
 * The object that keeps a chain. A fresh stub every time: one whose call failed may stay broken.
 *
 * @throws when the chain's name is none of ours.
 */
export function ownerOf(env: OwnersEnv, chain: string): ChainOwner {
  const sku = skuOf(chain);
  if (sku !== null) return env.SKU.getByName(sku);
  const saleId = saleIdOf(chain);
  if (saleId !== null) return env.QUEUE_SEQUENCER.getByName(saleId);
  if (chain === SHOP_CHAIN) return auditLogOf(env);
  throw new Error(`No object keeps the chain "${chain}".`);
}

/** The writer of the shop's own chain. */
export function auditLogOf(env: Pick<PurchaseEnv, "AUDIT_LOG">): DurableObjectStub<AuditLog> {
  return env.AUDIT_LOG.getByName(SHOP_CHAIN);
}

/**
 * Writes a fact in the shop's chain.
 *
 * @throws Error when the chain does not take it now.
 */
export async function noteInShop(
  env: Pick<PurchaseEnv, "AUDIT_LOG">,
  type: ShopTrailType,
  detail: object,
  by: Actor,
): Promise<void> {
  const written = await auditLogOf(env).record(type, detail, by);
  if (!written.ok) throw new Error(`The shop's chain has not taken "${type}": ${written.code}.`);
}
