import { Unreadable } from "../finding.ts";

/*
 * C2SP tlog-tiles: `tile/<level>/<n>` has up to 256 hashes of 256^level leaves each, `tile/entries/<n>` up
 * to 256 entries, each behind its length in two bytes. What is not full is asked for by its width.
 */

/** Hashes of a full tile. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const LENGTH_BYTES = 2;

/** One tile: `level` is "entries" for the entries themselves. */
export interface Tile {
  level: number | "entries";
  tile: number;
  /** From 1 to 256. */
  width: number;
}

/** The address of a tile below that of the log. */
export function tilePath({ level, tile, width }: Tile): string {
  const digits = String(tile);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  const last = groups.pop() ?? "";
  const partial = width < TILE_WIDTH ? `.p/${width}` : "";
  return ["tile", level, ...groups.map((group) => `x${group}`), `${last}${partial}`].join("/");
}

/** The tiles of a level that a tree of `size` has, the last one as wide as it is. */
export function tilesOf(level: number | "entries", size: number): Tile[] {
  const hashes = Math.floor(size / 2 ** heightOf(level));
  return Array.from({ length: Math.ceil(hashes / TILE_WIDTH) }, (_, tile) => ({
    level,
    tile,
    width: Math.min(hashes - tile * TILE_WIDTH, TILE_WIDTH),
  }));
}

/** All tiles of hashes that a tree of `size` has. */
export function hashTilesOf(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; 2 ** heightOf(level) <= size; level++) tiles.push(...tilesOf(level, size));
  return tiles;
}

/** How many leaves a hash of a level stands for: 2 to the power of this. */
export function heightOf(level: number | "entries"): number {
  return level === "entries" ? 0 : level * TILE_HEIGHT;
}

/**
 * The first `count` entries of a bundle.
 *
 * @throws Unreadable when it does not have them.
 */
export function entriesIn(bundle: Uint8Array, count: number, name: string): Uint8Array[] {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; entries.length < count;) {
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + bytes.readUInt16BE(at) : Infinity;
    if (end > bytes.length)
      throw new Unreadable(`${name} ends in its entry ${entries.length + 1} of ${count}`);
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  return entries;
}
