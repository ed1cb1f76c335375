import { assert } from "../assert.ts";
import { sha256 } from "../sha256.ts";

/*
 * The Merkle tree of RFC 6962, section 2.1, appended to and never changed. What is kept of it is its
 * right edge: the heads of the perfect subtrees that it consists of, largest first.
 */

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** Hashes of a tile: 2 to the power of this (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

/** A tree by its right edge. The empty tree has none. */
export interface Tree {
  size: number;
  /** Heads of the perfect subtrees: one for each bit of `size` that is set, from the highest. */
  edge: readonly Uint8Array[];
}

export const EMPTY_TREE: Tree = { size: 0, edge: [] };

/** A hash that belongs into a tile of the first level or a higher one: the `index`-th of its level, from 0. */
export interface TileHash {
  level: number;
  index: number;
  hash: Uint8Array;
}

/** The hash of an entry: SHA-256 of a zero byte and the entry. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, entry);
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE_PREFIX, left, right);
}

/** The tree with these leaves at its end, and the hashes that tiles above level 0 have gained. */
export function append(
  tree: Tree,
  leaves: readonly Uint8Array[],
): { tree: Tree; tiled: TileHash[] } {
  const edge = [...tree.edge];
  const tiled: TileHash[] = [];
  let { size } = tree;
  for (const leaf of leaves) {
    let hash = leaf;
    // As many subtrees merge as the size has ones at its end.
    for (let height = 1, rest = size; rest % 2 === 1; height++, rest = (rest - 1) / 2) {
      const left = edge.pop();
      assert(left !== undefined, "the edge has a head for every bit of the size");
      hash = nodeHash(left, hash);
      if (height % TILE_HEIGHT === 0)
        tiled.push({ level: height / TILE_HEIGHT, index: (rest - 1) / 2, hash });
    }
    edge.push(hash);
    size += 1;
  }
  return { tree: { size, edge }, tiled };
}

/** The tree's head; of the empty tree the SHA-256 of nothing. */
export function headOf({ edge }: Tree): Uint8Array {
  return (
    edge.reduceRight<Uint8Array | null>(
      (head, left) => (head === null ? left : nodeHash(left, head)),
      null,
    ) ?? sha256()
  );
}
