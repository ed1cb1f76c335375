import { createHash } from "node:crypto";

/*
 * RFC 6962, section 2.1, word by word and with another hash function than the product's. Trees are lists of
 * the hashes of leaves.
 */

type Tree = readonly Uint8Array[];

function hash(...parts: Uint8Array[]): Buffer {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

/** "The largest power of two smaller than n." */
function largestPowerBelow(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The hash of a leaf. */
export function naiveLeaf(entry: Uint8Array): Buffer {
  return hash(Uint8Array.of(0), entry);
}

/** MTH(D[n]): the Merkle tree hash. */
export function naiveHead(leaves: Tree): Buffer {
  const [first] = leaves;
  if (!first) return hash();
  if (leaves.length === 1) return Buffer.from(first);
  const k = largestPowerBelow(leaves.length);
  return hash(Uint8Array.of(1), naiveHead(leaves.slice(0, k)), naiveHead(leaves.slice(k)));
}

/** PATH(m, D[n]): the audit path of the leaf m. */
export function naiveInclusion(m: number, leaves: Tree): Buffer[] {
  if (leaves.length === 1) return [];
  const k = largestPowerBelow(leaves.length);
  return m < k
    ? [...naiveInclusion(m, leaves.slice(0, k)), naiveHead(leaves.slice(k))]
    : [...naiveInclusion(m - k, leaves.slice(k)), naiveHead(leaves.slice(0, k))];
}

/** PROOF(m, D[n]): the consistency of the first m leaves with all of them. */
export function naiveConsistency(m: number, leaves: Tree): Buffer[] {
  return subproof(m, leaves, true);
}

/** SUBPROOF(m, D[n], b). */
function subproof(m: number, leaves: Tree, b: boolean): Buffer[] {
  if (m === leaves.length) return b ? [] : [naiveHead(leaves)];
  const k = largestPowerBelow(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), b), naiveHead(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), naiveHead(leaves.slice(0, k))];
}
