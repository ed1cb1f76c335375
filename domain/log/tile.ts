import { assert } from "../assert.ts";
import { TILE_HEIGHT, TILE_WIDTH } from "./tree.ts";

/*
 * Tiles as C2SP tlog-tiles names and packs them: `tile/<level>/<n>` holds up to 256 hashes,
 * `tile/entries/<n>` the entries under tile `n` of level 0. What is not full is asked for with its width,
 * `….p/<width>`, and never changes either.
 */

/** Levels of a tree that will ever be: 256 to the power of 4 entries are more than four thousand million. */
const LEVELS_MAX = 4;
/** Tiles of a level that are named: three times three digits. */
const TILES_MAX = 1e9;
/** An entry's length takes two bytes. */
export const ENTRY_MAX_BYTES = 65_535;
const LENGTH_BYTES = 2;
/** What a unit of a string's length takes at most. */
const UTF8_BYTES = 3;
const encoder = new TextEncoder();

/** Which tile: `level` is "entries" for the entries themselves; `width` from 1 to 256. */
export interface TileName {
  level: number | "entries";
  tile: number;
  width: number;
}

/** The path of a tile, without a slash before it. */
export function tilePath({ level, tile, width }: TileName): string {
  const partial = width === TILE_WIDTH ? "" : `.p/${width}`;
  return `tile/${level}/${tilesNumber(tile)}${partial}`;
}

/** 1234067 is x001/x234/067. */
function tilesNumber(tile: number): string {
  const groups: string[] = [];
  for (let rest = tile; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`${groups.length === 0 ? "" : "x"}${String(rest % 1000).padStart(3, "0")}`);
  return groups.join("/");
}

/** Reads a tile's path as `tilePath` writes it; `null` for any other text. */
export function parseTilePath(path: string): TileName | null {
  const [, level = "", digits = "", width = `${TILE_WIDTH}`] =
    /^tile\/(entries|\d)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path) ?? [];
  const tile = Number(digits.replaceAll(/[x/]/g, ""));
  const name: TileName = {
    level: level === "entries" ? level : Number(level),
    tile,
    width: Number(width),
  };
  const isNamed =
    (name.level === "entries" || name.level < LEVELS_MAX) &&
    tile < TILES_MAX &&
    name.width >= 1 &&
    name.width <= TILE_WIDTH;
  return isNamed && tilePath(name) === path ? name : null;
}

/** How many hashes the tile of a level has in a tree of `size`: 0 to 256. */
export function tileWidth(level: number | "entries", tile: number, size: number): number {
  const height = level === "entries" ? 0 : level * TILE_HEIGHT;
  const hashes = Math.floor(size / 2 ** height);
  return Math.min(Math.max(hashes - tile * TILE_WIDTH, 0), TILE_WIDTH);
}

/** Packs entries, each with its length before it, two bytes, the high one first. */
export function packEntries(entries: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(
    entries.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0),
  );
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const entry of entries) {
    view.setUint16(at, entry.length);
    packed.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return packed;
}

/** Packs the UTF-8 of these texts in the same way. */
export function packTexts(texts: readonly string[]): Uint8Array {
  const longest = texts.reduce((sum, { length }) => sum + LENGTH_BYTES + length * UTF8_BYTES, 0);
  const packed = new Uint8Array(longest);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const text of texts) {
    const { written } = encoder.encodeInto(text, packed.subarray(at + LENGTH_BYTES));
    assert(written <= ENTRY_MAX_BYTES, "an entry's length takes two bytes");
    view.setUint16(at, written);
    at += LENGTH_BYTES + written;
  }
  return packed.slice(0, at);
}

/** Reads what `packEntries` wrote. */
export function unpackEntries(packed: Uint8Array): Uint8Array[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < packed.length;) {
    const end = at + LENGTH_BYTES + view.getUint16(at);
    entries.push(packed.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return entries;
}
