/** The hashes of a log's parts, computed from its tiles (C2SP tlog-tiles): 256 hashes each, of every eighth level. */
import type { Bytes } from "./bytes.ts";
import { LogFault } from "./fault.ts";
import { nodeHash, splitOf, type PartHead } from "./merkle.ts";

const TILE_HEIGHT = 8;
const TILE_WIDTH = 2 ** TILE_HEIGHT;
const HASH_BYTES = 32;

/** Fetches a tile by its path, such as `tile/0/x001/234.p/5`. */
export type FetchTile = (path: string) => Promise<Bytes>;

/**
 * Reads a log of `size` entries. What it gives is only as true as what it was served: a head that was signed decides.
 * @throws LogFault `truncated` when a tile has another length than the size asks for, and whatever `fetchTile` throws
 */
export function readTiles(size: number, fetchTile: FetchTile): PartHead {
  const tiles = new Map<string, Promise<Bytes>>();

  const readTile = async (level: number, tile: number): Promise<Bytes> => {
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    const width = Math.min(hashes - tile * TILE_WIDTH, TILE_WIDTH);
    const path = tilePath(level, tile, width);
    const bytes = tiles.get(path) ?? fetchTile(path);
    tiles.set(path, bytes);
    const { length } = await bytes;
    if (length !== width * HASH_BYTES) {
      throw new LogFault(
        "truncated",
        `${path} has ${length} bytes where ${width} hashes take ${width * HASH_BYTES}.`,
      );
    }
    return bytes;
  };

  /** The head over a power of two of entries, aligned: one hash of a tile, or some of one that are next to each other. */
  const perfectHead = async (from: number, count: number): Promise<Bytes> => {
    const height = Math.log2(count);
    const level = Math.floor(height / TILE_HEIGHT);
    const first = from / TILE_WIDTH ** level;
    const bytes = await readTile(level, Math.floor(first / TILE_WIDTH));
    const at = first % TILE_WIDTH;
    let hashes = Array.from({ length: 2 ** (height % TILE_HEIGHT) }, (_, index) =>
      bytes.slice((at + index) * HASH_BYTES, (at + index + 1) * HASH_BYTES),
    );
    while (hashes.length > 1) {
      hashes = await Promise.all(pairs(hashes).map(([left, right]) => nodeHash(left, right)));
    }
    return hashes[0] ?? bytes;
  };

  const headOf: PartHead = async (from, to) => {
    const count = to - from;
    if (Number.isInteger(Math.log2(count))) {
      return perfectHead(from, count);
    }
    const middle = from + splitOf(count);
    return nodeHash(await headOf(from, middle), await headOf(middle, to));
  };
  return headOf;
}

function pairs(hashes: readonly Bytes[]): [Bytes, Bytes][] {
  return hashes.flatMap((right, index) => {
    const left = hashes[index - 1];
    return index % 2 === 1 && left !== undefined ? [[left, right]] : [];
  });
}

/** Tile 1234067 of level 0 is `tile/0/x001/x234/067`; one that is not full is asked for with its width. */
function tilePath(level: number, tile: number, width: number): string {
  const digits = String(tile);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  const number = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group));
  return `tile/${level}/${number.join("/")}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}
