import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { append, EMPTY_TREE, headOf } from "../../domain/log/tree.ts";
import {
  naiveConsistency,
  naiveHead,
  naiveInclusion,
  naiveLeaf,
} from "../../test/support/naive-tree.ts";
import { provesConsistency, provesInclusion } from "./proof.ts";
import { leafHash, MerkleTree } from "./tree.ts";

/** All sizes up to here, with every index and every earlier size. */
const SIZE_MAX = 70;

function leavesOf(size: number): Buffer[] {
  return Array.from({ length: size }, (_, index) => naiveLeaf(Buffer.from(`entry ${index}`)));
}

function treeOf(leaves: readonly Buffer[]): MerkleTree {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.push(leaf);
  return tree;
}

/** As one text: thousands of lists of buffers are compared. */
function hex(path: readonly Uint8Array[]): string {
  return path.map((hash) => Buffer.from(hash).toString("hex")).join(" ");
}

function changed(hash: Uint8Array): Uint8Array {
  return hash.map((byte, index) => (index === 7 ? byte ^ 1 : byte));
}

describe("the tree", () => {
  it("hashes an entry as the RFC does", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (entry) => {
        expect(leafHash(entry)).toEqual(naiveLeaf(entry));
      }),
    );
  });

  it("has at every size the head of the RFC's definition, and of the server's", () => {
    const leaves = leavesOf(SIZE_MAX);
    const tree = treeOf(leaves);
    for (let size = 0; size <= SIZE_MAX; size++) {
      const begun = leaves.slice(0, size);
      expect(tree.head(size)).toEqual(naiveHead(begun));
      const { tree: served } = append(EMPTY_TREE, begun);
      expect(Buffer.from(headOf(served))).toEqual(naiveHead(begun));
    }
  });

  it("makes the proofs of the RFC's definition, which convince", () => {
    const leaves = leavesOf(SIZE_MAX);
    const tree = treeOf(leaves);
    for (let size = 1; size <= SIZE_MAX; size++) {
      const begun = leaves.slice(0, size);
      const later = { size, head: naiveHead(begun) };
      for (const [index, leaf] of begun.entries()) {
        const path = tree.inclusionProof(index, size);
        expect(hex(path)).toBe(hex(naiveInclusion(index, begun)));
        expect(provesInclusion(leaf, index, path, later)).toBe(true);
      }
      for (let then = 1; then <= size; then++) {
        const path = tree.consistencyProof(then, size);
        expect(hex(path)).toBe(hex(naiveConsistency(then, begun)));
        expect(provesConsistency({ size: then, head: tree.head(then) }, later, path)).toBe(true);
      }
    }
  });

  it("does so at sizes of thousands", () => {
    const leaves = leavesOf(5_000);
    const tree = treeOf(leaves);
    const sizes = fc.integer({ min: 1, max: leaves.length });
    fc.assert(
      fc.property(sizes, sizes, (a, b) => {
        const [then, size] = [Math.min(a, b), Math.max(a, b)];
        const begun = leaves.slice(0, size);
        expect(tree.head(size)).toEqual(naiveHead(begun));
        expect(tree.inclusionProof(then - 1, size)).toEqual(naiveInclusion(then - 1, begun));
        expect(tree.consistencyProof(then, size)).toEqual(naiveConsistency(then, begun));
      }),
      { numRuns: 20 },
    );
  });
});

describe("proofs", () => {
  const leaves = leavesOf(SIZE_MAX);
  const tree = treeOf(leaves);
  const sizes = fc.integer({ min: 2, max: SIZE_MAX });

  it("convince of nothing else", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, any, other) => {
        const head = { size, head: tree.head(size) };
        const index = any % size;
        const leaf = leaves[index] ?? Buffer.alloc(0);
        const path = tree.inclusionProof(index, size);
        const without = path.slice(0, -1);
        const spoilt = path.map((hash, at) => (at === other % path.length ? changed(hash) : hash));
        expect(provesInclusion(changed(leaf), index, path, head)).toBe(false);
        expect(provesInclusion(leaf, (index + 1) % size, path, head)).toBe(false);
        expect(provesInclusion(leaf, index + size, path, head)).toBe(false);
        expect(provesInclusion(leaf, index, without, head)).toBe(false);
        expect(provesInclusion(leaf, index, [...path, leaf], head)).toBe(false);
        expect(provesInclusion(leaf, index, spoilt, head)).toBe(false);
      }),
    );
  });

  it("convince nobody of another beginning", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, any, other) => {
        const then = 1 + (any % (size - 1));
        const earlier = { size: then, head: tree.head(then) };
        const later = { size, head: tree.head(size) };
        const path = tree.consistencyProof(then, size);
        const spoilt = path.map((hash, at) => (at === other % path.length ? changed(hash) : hash));
        expect(provesConsistency({ ...earlier, head: changed(earlier.head) }, later, path)).toBe(
          false,
        );
        expect(provesConsistency(earlier, { ...later, head: changed(later.head) }, path)).toBe(
          false,
        );
        expect(provesConsistency(earlier, later, spoilt)).toBe(false);
        expect(provesConsistency(earlier, later, path.slice(0, -1))).toBe(false);
        expect(provesConsistency(earlier, later, [...path, earlier.head])).toBe(false);
        expect(provesConsistency(later, earlier, path)).toBe(false);
      }),
    );
  });
});
