import { describe, expect, it } from "vitest";
import { digest, PublicLog, Signer } from "../testing/public-log.ts";
import type { Bytes } from "./bytes.ts";
import { consistencyProof, inclusionPath, isConsistent, isIncluded } from "./merkle.ts";
import { readTiles } from "./tiles.ts";

const signer = await Signer.make();
const logOf = (size: number): PublicLog =>
  new PublicLog(
    Array.from({ length: size }, (_, index) => `entry ${index}`),
    signer,
  );
/** Sizes about powers of two, and of tiles: level 0 alone, full, with a second one. */
const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 255, 256, 257, 511, 513, 770];
const log = logOf(770);
const definition = (from: number, to: number): Promise<Bytes> => log.head(from, to);

/** The first and last entries, and those about the middle. */
const someOf = (size: number): number[] =>
  [...new Set([0, 1, size >> 1, (size >> 1) - 1, size - 2, size - 1])].filter(
    (index) => index >= 0 && index < size,
  );

describe("the head of a part", () => {
  it.each(SIZES)("of a log of %i entries, from tiles, is that of the definition", async (size) => {
    const fromTiles = readTiles(size, (path) => log.tile(path));
    expect(await fromTiles(0, size)).toEqual(await log.head(0, size));
  });

  it("goes by the highest tiles that have it", async () => {
    const hashes = new Map([
      ["tile/2/000.p/1", await log.head(0, 1)],
      ["tile/1/001.p/1", await log.head(1, 2)],
      ["tile/0/257.p/1", await log.head(2, 3)],
    ]);
    const size = 65_536 + 256 + 1;
    const fromTiles = readTiles(size, async (path) => hashes.get(path) ?? new Uint8Array());
    const [first, second, third] = [...hashes.values()];
    const one = Uint8Array.of(1);
    expect(await fromTiles(0, size)).toEqual(
      await digest(one, first ?? one, await digest(one, second ?? one, third ?? one)),
    );
  });

  it("is named by groups of three digits", async () => {
    const asked: string[] = [];
    const fromTiles = readTiles(1_234_067 * 256 + 7, async (path) => {
      asked.push(path);
      return new Uint8Array(7 * 32);
    });
    await fromTiles(1_234_067 * 256, 1_234_067 * 256 + 7);
    expect(new Set(asked)).toEqual(new Set(["tile/0/x001/x234/067.p/7"]));
  });

  it.each([0, 31, 32 * 4, 32 * 6])("is not read from a tile of %i bytes", async (length) => {
    const fromTiles = readTiles(5, async () => new Uint8Array(length));
    await expect(fromTiles(0, 1)).rejects.toMatchObject({ code: "truncated" });
  });
});

describe("an audit path", () => {
  // RFC 6962, section 2.1.3: the tree of seven entries.
  it("is the one of the RFC's example", async () => {
    const path = await inclusionPath(definition, 4, 7);
    expect(path).toEqual([await log.head(5, 6), await log.head(6, 7), await log.head(0, 4)]);
  });

  it.each(SIZES)("leads every entry to the head of %i entries, and to no other", async (size) => {
    const tree = { size, head: await log.head(0, size) };
    for (const index of someOf(size)) {
      const leaf = await log.head(index, index + 1);
      const path = await inclusionPath(definition, index, size);
      expect(await isIncluded(leaf, index, tree, path)).toBe(true);
      const other = await log.head(size, size + 1).catch(() => leaf);
      expect(await isIncluded(other, index, tree, path)).toBe(false);
      expect(await isIncluded(leaf, size, tree, path)).toBe(false);
      expect(await isIncluded(leaf, index, tree, [...path, leaf])).toBe(false);
      expect(await isIncluded(leaf, index, tree, path.slice(1))).toBe(path.length === 0);
      expect(await isIncluded(leaf, index, { ...tree, head: other }, path)).toBe(false);
    }
  });

  it("does not lead to its head from another place", async () => {
    const tree = { size: 8, head: await log.head(0, 8) };
    const path = await inclusionPath(definition, 3, 8);
    expect(await isIncluded(await log.head(3, 4), 2, tree, path)).toBe(false);
  });
});

describe("a proof of consistency", () => {
  // RFC 6962, section 2.1.3.
  it("is the one of the RFC's examples", async () => {
    expect(await consistencyProof(definition, 3, 7)).toEqual([
      await log.head(2, 3),
      await log.head(3, 4),
      await log.head(0, 2),
      await log.head(4, 7),
    ]);
    expect(await consistencyProof(definition, 4, 7)).toEqual([await log.head(4, 7)]);
    expect(await consistencyProof(definition, 6, 7)).toEqual([
      await log.head(4, 6),
      await log.head(6, 7),
      await log.head(0, 4),
    ]);
  });

  it.each(SIZES)("shows that %i entries begin with fewer, and not with others", async (size) => {
    const tree = { size, head: await log.head(0, size) };
    for (const earlier of someOf(size).map((index) => index + 1)) {
      const before = { size: earlier, head: await log.head(0, earlier) };
      const proof = await consistencyProof(definition, earlier, size);
      expect(await isConsistent(before, tree, proof)).toBe(true);
      const other = await log.head(1, 2);
      expect(await isConsistent({ ...before, head: other }, tree, proof)).toBe(false);
      expect(await isConsistent(before, { ...tree, head: other }, proof)).toBe(false);
      expect(await isConsistent(before, tree, [...proof, other])).toBe(false);
      expect(await isConsistent(before, tree, proof.slice(1))).toBe(proof.length === 0);
    }
  });

  it("shows nothing of a tree that has become shorter; the empty tree begins every one", async () => {
    const [five, seven] = [
      { size: 5, head: await log.head(0, 5) },
      { size: 7, head: await log.head(0, 7) },
    ];
    const proof = await consistencyProof(definition, 5, 7);
    expect(await isConsistent(seven, five, proof)).toBe(false);
    expect(await isConsistent({ size: 0, head: await log.head(0, 0) }, seven, [])).toBe(true);
  });
});
