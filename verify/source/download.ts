import { Unreadable } from "../finding.ts";
import { openCheckpoint, parseVerifierKeys } from "../log/note.ts";
import { entriesIn, hashTilesOf, tilePath, tilesOf, TILE_WIDTH, type Tile } from "../log/tile.ts";
import type { Progress } from "../progress.ts";
import type { LogCopy } from "./copy.ts";

/** Requests on their way at once. */
const REQUESTS_MAX = 8;
const ATTEMPTS_MAX = 5;
/** Attempts follow each other after this long, and twice as long each time. */
const RETRY_FIRST_MS = 250;
const REQUEST_MAX_MS = 30_000;
/** 256 entries of 64 KiB are less. */
const ANSWER_MAX_BYTES = 20_000_000;
/** What this command holds in memory: some 300 bytes an entry. */
const LOG_MAX_ENTRIES = 10_000_000;
/** An older checkpoint may come out of a cache for a second. */
const CACHED_MS = 1_500;
const HASH_BYTES = 32;

/** What a download needs of the outside. */
export interface Outside {
  fetch: typeof fetch;
  pause: (ms: number) => Promise<void>;
  now: () => Date;
}

export const OUTSIDE: Outside = {
  fetch: (...asked) => fetch(...asked),
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  now: () => new Date(),
};

/**
 * Fetches all of a log: keys, the newest checkpoint (of `sizeMin` at least, where caches let it), and the
 * entries and tiles that it covers.
 *
 * @throws Unreadable when the server does not give them.
 */
export async function download(
  address: string,
  sizeMin: number,
  progress: Progress,
  outside: Outside = OUTSIDE,
): Promise<LogCopy> {
  const get = (path: string): Promise<Uint8Array> => fetched(`${address}/${path}`, outside);
  const text = async (path: string): Promise<string> => Buffer.from(await get(path)).toString();
  const keys = parseVerifierKeys(await text("keys"));
  let checkpoint = await text("checkpoint");
  if (openCheckpoint(checkpoint, keys).size < sizeMin) {
    await outside.pause(CACHED_MS);
    checkpoint = await text("checkpoint");
  }
  const { size } = openCheckpoint(checkpoint, keys);
  if (size > LOG_MAX_ENTRIES)
    throw new Unreadable(`The log has ${size} entries; this command reads ${LOG_MAX_ENTRIES}`);
  const bundles = tilesOf("entries", size);
  const hashTiles = hashTilesOf(size);
  const total = bundles.length + hashTiles.length;
  let done = 0;
  const take = async (tile: Tile): Promise<Uint8Array> => {
    const bytes = await tileOf(tile, get);
    progress("fetched", (done += 1), total);
    return bytes;
  };
  const parts = await inParallel(bundles, async (tile) =>
    entriesIn(await take(tile), tile.width, tilePath(tile)),
  );
  const tiles = await inParallel(hashTiles, async (tile): Promise<[string, Uint8Array]> => {
    const bytes = await take(tile);
    return [tilePath(tile), bytes.subarray(0, tile.width * HASH_BYTES)];
  });
  return {
    from: address,
    savedAt: outside.now().toISOString(),
    keys,
    checkpoint,
    entries: parts.flat(),
    tiles: new Map(tiles),
    isLive: true,
  };
}

/** A tile, or the beginning of the full one that has come in its place. */
async function tileOf(tile: Tile, get: (path: string) => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await get(tilePath(tile));
  } catch (error) {
    if (tile.width === TILE_WIDTH || !(error instanceof Missing)) throw error;
    return get(tilePath({ ...tile, width: TILE_WIDTH }));
  }
}

class Missing extends Unreadable {}

async function fetched(address: string, { fetch, pause }: Outside): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt++) {
    let problem: string;
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(REQUEST_MAX_MS) });
      if (response.ok) return await bodyOf(response, address);
      problem = `${response.status} ${response.statusText}`.trim();
      const isFinal = response.status < 500 && response.status !== 429;
      if (isFinal) throw new Missing(`${address} answers ${problem}`);
    } catch (error) {
      if (error instanceof Unreadable) throw error;
      problem = error instanceof Error ? describe(error) : String(error);
    }
    if (attempt === ATTEMPTS_MAX)
      throw new Unreadable(`${address} did not answer, ${ATTEMPTS_MAX} times over: ${problem}`);
    await pause(RETRY_FIRST_MS * 2 ** (attempt - 1));
  }
}

async function bodyOf(response: Response, address: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > ANSWER_MAX_BYTES)
      throw new Unreadable(`${address} answers with more than ${ANSWER_MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Does the same with each, some at once, and gives what came of them in their order. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: REQUESTS_MAX }, worker));
  return results;
}
