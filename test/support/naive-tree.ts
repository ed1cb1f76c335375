import { createHash } from "node:crypto";

/*
 * RFC 6962, section 2.1, word by word and with another hash function than the product's.
 */

function hash(...parts: Uint8Array[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

/** The hash of a leaf. */
export function naiveLeaf(entry: Uint8Array): Buffer {
  return hash(Uint8Array.of(0), entry);
}

/** The Merkle tree hash over the hashes of leaves. */
export function naiveHead(leaves: readonly Uint8Array[]): Buffer {
  const [first] = leaves;
  if (!first) return hash();
  if (leaves.length === 1) return Buffer.from(first);
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return hash(Uint8Array.of(1), naiveHead(leaves.slice(0, k)), naiveHead(leaves.slice(k)));
}
