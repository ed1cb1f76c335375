import { array, assert, integer, property, string, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ENTRY_MAX_BYTES,
  packEntries,
  packTexts,
  parseTilePath,
  tilePath,
  tileWidth,
  unpackEntries,
  type TileName,
} from "./tile.ts";

describe("the path of a tile", () => {
  // The examples of C2SP tlog-tiles, and the edges.
  it.each<[string, TileName]>([
    ["tile/3/x001/x234/067", { level: 3, tile: 1_234_067, width: 256 }],
    ["tile/0/x001/x234/067.p/112", { level: 0, tile: 1_234_067, width: 112 }],
    ["tile/entries/x001/x234/067", { level: "entries", tile: 1_234_067, width: 256 }],
    ["tile/0/000", { level: 0, tile: 0, width: 256 }],
    ["tile/0/999.p/1", { level: 0, tile: 999, width: 1 }],
    ["tile/1/x001/000.p/255", { level: 1, tile: 1_000, width: 255 }],
    ["tile/entries/x999/x999/999", { level: "entries", tile: 999_999_999, width: 256 }],
  ])("is %s", (path, name) => {
    expect(tilePath(name)).toBe(path);
    expect(parseTilePath(path)).toEqual(name);
  });

  it.each([
    "",
    "tile/0/0",
    "tile/0/0000",
    "tile/0/x000/001",
    "tile/0/001/x002",
    "tile/0/x001",
    "tile/4/000",
    "tile/00/000",
    "tile/-1/000",
    "tile/leaves/000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/",
    "tile/0/000/",
    "/tile/0/000",
    "tile/0/x001/x000/x000/000",
    "tile/0/000\n",
    "checkpoint",
  ])("is not %j", (path) => {
    expect(parseTilePath(path)).toBeNull();
  });

  it("is read as it is written", () => {
    const anyTile = integer({ min: 0, max: 1e9 - 1 });
    const anyWidth = integer({ min: 1, max: 256 });
    assert(
      property(integer({ min: -1, max: 3 }), anyTile, anyWidth, (height, tile, width) => {
        const name: TileName = { level: height < 0 ? "entries" : height, tile, width };
        expect(parseTilePath(tilePath(name))).toEqual(name);
      }),
    );
  });
});

describe("the width of a tile", () => {
  it.each([
    [0, 0, 0, 0],
    [0, 0, 70, 70],
    [0, 0, 256, 256],
    [0, 1, 256, 0],
    [0, 1, 300, 44],
    [1, 0, 255, 0],
    [1, 0, 256, 1],
    [1, 0, 70_000, 256],
    [1, 1, 70_000, 17],
    [2, 0, 70_000, 1],
    ["entries", 1, 300, 44],
  ] as const)("of level %s, number %i in a tree of %i is %i", (level, tile, size, width) => {
    expect(tileWidth(level, tile, size)).toBe(width);
  });
});

describe("packed entries", () => {
  it("are two bytes of length and the entry, one after the other", () => {
    const packed = packEntries([Buffer.from("ab"), new Uint8Array(), Buffer.alloc(258, "c")]);
    expect(Buffer.from(packed.subarray(0, 9)).toString("latin1")).toBe("\0\x02ab\0\0\x01\x02c");
    expect(packed).toHaveLength(2 + 2 + 2 + 2 + 258);
  });

  it("are read as they were packed, wherever they lie", () => {
    assert(
      property(array(uint8Array({ maxLength: 400 }), { maxLength: 9 }), (entries) => {
        const shifted = Buffer.concat([Buffer.from("xyz"), packEntries(entries)]).subarray(3);
        expect(unpackEntries(shifted).map((entry) => Buffer.from(entry))).toEqual(
          entries.map((entry) => Buffer.from(entry)),
        );
      }),
    );
  });

  it("of texts are those of their UTF-8", () => {
    const anyText = string({ unit: "binary", maxLength: 50 });
    assert(
      property(array(anyText, { maxLength: 9 }), (texts) => {
        const encoder = new TextEncoder();
        expect(packTexts(texts)).toEqual(packEntries(texts.map((text) => encoder.encode(text))));
      }),
    );
    expect(packTexts(["x".repeat(700)])).toEqual(packEntries([Buffer.alloc(700, "x")]));
    expect(() => packTexts(["x".repeat(ENTRY_MAX_BYTES + 1)])).toThrow("two bytes");
  });
});
