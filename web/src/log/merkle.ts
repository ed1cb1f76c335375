/**
 * Proofs of the Merkle tree of RFC 6962, section 2.1, for who reads a log: made by the definitions there, from whatever
 * knows the hashes of its parts, and checked against heads that were signed.
 */
import { isSame, sha256, type Bytes } from "./bytes.ts";

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** Gives the head of the tree over the entries `from` up to before `to`: MTH(D[from:to]). */
export type PartHead = (from: number, to: number) => Promise<Bytes>;

/** The hash of an entry. */
export const leafHash = (entry: Bytes): Promise<Bytes> => sha256(LEAF_PREFIX, entry);

/** The hash of two subtrees. */
export const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> =>
  sha256(NODE_PREFIX, left, right);

/** Where a tree of more than one entry is split: the largest power of two below its size. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) {
    split *= 2;
  }
  return split;
}

/** The audit path of an entry in a tree of `size`, from the entry upwards: PATH(m, D[n]). */
export async function inclusionPath(
  headOf: PartHead,
  index: number,
  size: number,
  from = 0,
): Promise<Bytes[]> {
  if (size === 1) {
    return [];
  }
  const split = splitOf(size);
  const [middle, end] = [from + split, from + size];
  return index < split
    ? [...(await inclusionPath(headOf, index, split, from)), await headOf(middle, end)]
    : [
        ...(await inclusionPath(headOf, index - split, size - split, middle)),
        await headOf(from, middle),
      ];
}

/** Whether the path leads from an entry's hash, standing at `index`, to the head of a tree of `size`. */
export async function isIncluded(
  leaf: Bytes,
  index: number,
  { size, head }: TreeHead,
  path: readonly Bytes[],
): Promise<boolean> {
  const led = index < size ? await follow(leaf, index, size, path) : null;
  return led !== null && isSame(led, head);
}

/** A tree by its size and head. */
export interface TreeHead {
  readonly size: number;
  readonly head: Bytes;
}

/** The head that a path leads to; null for a path of another length. */
async function follow(
  leaf: Bytes,
  index: number,
  size: number,
  path: readonly Bytes[],
): Promise<Bytes | null> {
  if (size === 1) {
    return path.length === 0 ? leaf : null;
  }
  const split = splitOf(size);
  const isLeft = index < split;
  const rest = path.slice(0, -1);
  const [own, other] = [
    await (isLeft
      ? follow(leaf, index, split, rest)
      : follow(leaf, index - split, size - split, rest)),
    path.at(-1),
  ];
  if (own === null || other === undefined) {
    return null;
  }
  return isLeft ? nodeHash(own, other) : nodeHash(other, own);
}

/** What shows that a tree of `size` begins with one of `earlier` entries: PROOF(m, D[n]), 0 < m <= n. */
export function consistencyProof(
  headOf: PartHead,
  earlier: number,
  size: number,
): Promise<Bytes[]> {
  return subproof(headOf, earlier, size, 0, true);
}

async function subproof(
  headOf: PartHead,
  earlier: number,
  size: number,
  from: number,
  isKnown: boolean,
): Promise<Bytes[]> {
  if (earlier === size) {
    return isKnown ? [] : [await headOf(from, from + size)];
  }
  const split = splitOf(size);
  const [middle, end] = [from + split, from + size];
  return earlier <= split
    ? [...(await subproof(headOf, earlier, split, from, isKnown)), await headOf(middle, end)]
    : [
        ...(await subproof(headOf, earlier - split, size - split, middle, false)),
        await headOf(from, middle),
      ];
}

/** Whether the proof shows that a tree begins with an earlier one. Every tree begins with the empty one. */
export async function isConsistent(
  earlier: TreeHead,
  tree: TreeHead,
  proof: readonly Bytes[],
): Promise<boolean> {
  if (earlier.size === 0 || earlier.size > tree.size) {
    return earlier.size === 0;
  }
  const heads = await headsOf(earlier.size, tree.size, proof, earlier.head);
  return heads !== null && isSame(heads[0], earlier.head) && isSame(heads[1], tree.head);
}

/** The heads of both trees by a proof; null for a proof of another length. `known` is left out below the top's left. */
async function headsOf(
  earlier: number,
  size: number,
  proof: readonly Bytes[],
  known?: Bytes,
): Promise<[Bytes, Bytes] | null> {
  if (earlier === size) {
    const [head] = known === undefined ? proof : [known];
    return head !== undefined && proof.length === (known ? 0 : 1) ? [head, head] : null;
  }
  const split = splitOf(size);
  const isLeft = earlier <= split;
  const rest = proof.slice(0, -1);
  const [within, other] = [
    await (isLeft
      ? headsOf(earlier, split, rest, known)
      : headsOf(earlier - split, size - split, rest)),
    proof.at(-1),
  ];
  if (within === null || other === undefined) {
    return null;
  }
  const [before, now] = within;
  return isLeft
    ? [before, await nodeHash(now, other)]
    : [await nodeHash(other, before), await nodeHash(other, now)];
}
