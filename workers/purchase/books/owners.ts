import { SHOP_CHAIN } from "../../../domain/books/chain.ts";

/** The single writer of a chain, as those see it who read the chain or are sent it. */
export interface ChainOwner {
  /** A consumer has written these, after its own commit. */
  acked(fromSequence: number, throughSequence: number): Promise<void>;
}

/** The bindings that lead to owners. */
export type OwnersEnv = Pick<PurchaseEnv, "SKU" | "QUEUE_SEQUENCER"> & {
  AUDIT_LOG?: { getByName(name: string): unknown };
};

/**
 * The object that keeps a chain.
 *
 * @throws when the chain's name is none of ours.
 */
export function ownerOf(env: OwnersEnv, chain: string): ChainOwner {
  const { kind, name } = partsOf(chain);
  switch (kind) {
    case "item":
      return env.SKU.getByName(name);
    case "sale":
      return env.QUEUE_SEQUENCER.getByName(name) as unknown as ChainOwner;
    case SHOP_CHAIN:
      return env.AUDIT_LOG?.getByName(SHOP_CHAIN) as ChainOwner;
    default:
      throw new Error(`No object keeps the chain "${chain}".`);
  }
}

function partsOf(chain: string): { kind: string; name: string } {
  const at = chain.indexOf("/");
  return at < 0
    ? { kind: chain, name: "" }
    : { kind: chain.slice(0, at), name: chain.slice(at + 1) };
}
