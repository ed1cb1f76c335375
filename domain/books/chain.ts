import { sha256Hex } from "../hash.ts";

/*
 * A chain is an append-only list of texts, each hashed together with the hash of the one before: who knows
 * its last hash knows whether any of it was changed. Every single writer has one; `item/<sku>`,
 * `sale/<saleId>` and `shop` name them.
 */

/** The hash before the first row. */
export const GENESIS_HASH = "0".repeat(64);

/** The shop's own chain: what staff do to products, and the anchors of all other chains. */
export const SHOP_CHAIN = "shop";

/** One row of a chain as its writer stores it: sequences begin at 1 and leave no gap. */
export interface ChainRow {
  sequence: number;
  /** An event as JSON, exactly as it was hashed. */
  text: string;
  hash: string;
}

/** Where a chain stands: the sequence and hash of its last row. */
export interface ChainHead {
  chain: string;
  sequence: number;
  hash: string;
}

/** Rows of a chain after some sequence, with where the chain stood when they were read. */
export interface ChainPage {
  head: ChainHead;
  rows: ChainRow[];
  /** The projection has acknowledged everything up to here; owners of an older version do not say. */
  mirroredThrough?: number;
}

/** Rows of one `ChainPage` … */
export const CHAIN_PAGE_MAX_ROWS = 500;
/** … and bytes of them together, unless it is one: a call between objects takes 32 MB. */
export const CHAIN_PAGE_MAX_BYTES = 1_000_000;

/** Of some rows the first, as many as have no more bytes together, and one at least. */
export function rowsWithin(rows: readonly ChainRow[], maxBytes: number): ChainRow[] {
  let bytes = 0;
  const tooMuchAt = rows.findIndex(({ text, hash }, index) => {
    bytes += Buffer.byteLength(text) + hash.length;
    return index > 0 && bytes > maxBytes;
  });
  return rows.slice(0, tooMuchAt < 0 ? rows.length : tooMuchAt);
}

/** The fact that a row's text tells; `null` where somebody has made no JSON of it. */
export function factIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** When the fact of a row happened, in milliseconds: near the beginning of its text; 0 where it does not say. */
export function atMsIn(text: string): number {
  const [, atMs] = /^\{(?:"v":\d+,)?"sequence":\d+,"atMs":(\d+)/.exec(text) ?? [];
  if (atMs !== undefined) return Number(atMs);
  const said = (factIn(text) as { atMs?: unknown } | null)?.atMs;
  return typeof said === "number" ? said : 0;
}

/** Chains a row to the one before it. */
export function chainHash(previousHash: string, text: string): string {
  return sha256Hex(`${previousHash}\n${text}`);
}

/** The chain of an item's ledger. */
export function itemChain(sku: string): string {
  return `item/${sku}`;
}

/** The chain of a sale: what its line's writer decided and was told by staff. */
export function saleChain(saleId: string): string {
  return `sale/${saleId}`;
}

/** The item whose ledger a chain is; `null` for every other chain. */
export function skuOf(chain: string): string | null {
  return nameIn(chain, itemChain(""));
}

/** The sale whose chain it is; `null` for every other chain. */
export function saleIdOf(chain: string): string | null {
  return nameIn(chain, saleChain(""));
}

function nameIn(chain: string, prefix: string): string | null {
  return chain.startsWith(prefix) ? chain.slice(prefix.length) : null;
}

/** What names one fact wherever it goes. */
export function eventId(chain: string, sequence: number): string {
  return `${chain}/${sequence}`;
}
