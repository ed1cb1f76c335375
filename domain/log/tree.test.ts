import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { naiveHead, naiveLeaf } from "../../test/support/naive-tree.ts";
import { append, EMPTY_TREE, headOf, leafHash, TILE_WIDTH, type TileHash } from "./tree.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The entries that implementations of RFC 6962 are tested with, and the head after each. */
const ENTRIES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map((text) => Buffer.from(text, "hex"));
const HEADS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** Leaves that all differ. */
function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => naiveLeaf(Buffer.from(`entry ${index}`)));
}

describe("a tree", () => {
  it("has the heads of RFC 6962", () => {
    const leaves = ENTRIES.map(leafHash);
    const heads = HEADS.map((_, size) => headOf(append(EMPTY_TREE, leaves.slice(0, size)).tree));
    expect(heads.map(hex)).toEqual(HEADS);
  });

  it("is what the RFC defines, however it is appended to, and keeps what it was", () => {
    assert(
      property(array(integer({ min: 0, max: 40 }), { maxLength: 8 }), (counts) => {
        const leaves = leavesOf(counts.reduce((sum, count) => sum + count, 0));
        let tree = EMPTY_TREE;
        for (const count of counts) {
          const before = tree;
          const head = hex(headOf(before));
          ({ tree } = append(before, leaves.slice(tree.size, tree.size + count)));
          expect(hex(headOf(before))).toBe(head);
          expect(hex(headOf(tree))).toBe(hex(naiveHead(leaves.slice(0, tree.size))));
        }
      }),
    );
  });

  it("tells the hashes that tiles above the lowest gain: each once, over 256 of those below", () => {
    const leaves = leavesOf(TILE_WIDTH ** 2 + TILE_WIDTH + 1);
    const half = append(EMPTY_TREE, leaves.slice(0, 1_000));
    const whole = append(half.tree, leaves.slice(1_000));
    const tiled: TileHash[] = [...half.tiled, ...whole.tiled];
    const levelOf = (level: number) => tiled.filter((hash) => hash.level === level);
    expect(levelOf(1).map(({ index }) => index)).toEqual(
      Array.from({ length: TILE_WIDTH + 1 }, (_, index) => index),
    );
    for (const { index, hash } of levelOf(1)) {
      const first = index * TILE_WIDTH;
      expect(hex(hash)).toBe(hex(naiveHead(leaves.slice(first, first + TILE_WIDTH))));
    }
    const [top, ...more] = levelOf(2);
    expect(more).toEqual([]);
    expect(hex(top?.hash ?? new Uint8Array())).toBe(
      hex(naiveHead(leaves.slice(0, TILE_WIDTH ** 2))),
    );
    expect(half.tiled).toHaveLength(3);
  });
});
