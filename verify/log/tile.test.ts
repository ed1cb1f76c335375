import { describe, expect, it } from "vitest";
import { packEntries } from "../../domain/log/tile.ts";
import { Unreadable } from "../finding.ts";
import { entriesIn, hashTilesOf, tilePath, tilesOf } from "./tile.ts";

describe("a tile's address", () => {
  it.each([
    [{ level: 0, tile: 0, width: 256 }, "tile/0/000"],
    [{ level: 2, tile: 67, width: 1 }, "tile/2/067.p/1"],
    [{ level: "entries", tile: 1_000, width: 255 }, "tile/entries/x001/000.p/255"],
    [{ level: 0, tile: 1_234_067, width: 256 }, "tile/0/x001/x234/067"],
  ] as const)("%j is %s", (tile, path) => {
    expect(tilePath(tile)).toBe(path);
  });
});

describe("the tiles of a tree", () => {
  it("are as many as it fills, and one that is not full", () => {
    expect(tilesOf("entries", 0)).toEqual([]);
    expect(tilesOf("entries", 257).map(tilePath)).toEqual([
      "tile/entries/000",
      "tile/entries/001.p/1",
    ]);
    expect(hashTilesOf(255).map(tilePath)).toEqual(["tile/0/000.p/255"]);
    expect(
      hashTilesOf(70_000)
        .filter(({ level }) => level !== 0)
        .map(tilePath),
    ).toEqual(["tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]);
  });
});

describe("a bundle of entries", () => {
  const bundle = packEntries([Buffer.from("one"), Buffer.alloc(0), Buffer.from("three")]);

  it("is read as the server packs it, as far as is wanted", () => {
    const texts = entriesIn(bundle, 3, "it").map((entry) => Buffer.from(entry).toString());
    expect(texts).toEqual(["one", "", "three"]);
    expect(entriesIn(bundle, 1, "it")).toHaveLength(1);
  });

  it("is refused when it is cut off", () => {
    for (const length of [0, 1, 4, bundle.length - 1])
      expect(() => entriesIn(bundle.subarray(0, length), 3, "it")).toThrow(Unreadable);
  });
});
