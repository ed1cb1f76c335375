import { tilePath, type TileName } from "../../../domain/log/tile.ts";
import { TILE_WIDTH } from "../../../domain/log/tree.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { ValueCache } from "../../caching/value-cache.ts";
import type { Bindings, Caller } from "../bindings.ts";
import { callObject } from "../object-calls.ts";

/** A log has a head a second while it grows: an isolate asks for it that often, however many read. */
const CHECKPOINT_FRESH_MS = 1_000;
/** An old checkpoint is true, too: it stands in while the line does not answer. */
const CHECKPOINT_KEEP_MS = 60_000;
/** Sales whose checkpoint one isolate keeps. */
const CHECKPOINTS_MAX = 500;
/** A tile never changes; who has just got a checkpoint may ask for one a moment too early for another. */
const TILE_FRESH_MS = 600_000;
const TILE_ABSENT_MS = 1_000;
/** Tiles of one isolate: some 70 kB each where they hold entries, so that all together are some 7 MB. */
const TILES_MAX = 100;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The public logs of sales, as the isolate last read them. Full tiles are copied out of the object into
 * the bucket once; what is not full is read from the object.
 */
export class LogCache {
  readonly #checkpoints: ValueCache<string>;
  readonly #tiles: ValueCache<Bytes>;

  constructor(runtime: Pick<Runtime, "now">) {
    this.#checkpoints = new ValueCache<string>({
      runtime,
      freshMs: CHECKPOINT_FRESH_MS,
      refreshMs: 2 * CHECKPOINT_FRESH_MS,
      keepMs: CHECKPOINT_KEEP_MS,
      entriesMax: CHECKPOINTS_MAX,
      isOlder: (note, known) => sizeOf(note) < sizeOf(known),
    });
    this.#tiles = new ValueCache<Bytes>({
      runtime,
      freshMs: TILE_FRESH_MS,
      absentFreshMs: TILE_ABSENT_MS,
      refreshMs: 2 * TILE_FRESH_MS,
      keepMs: 2 * TILE_FRESH_MS,
      entriesMax: TILES_MAX,
    });
  }

  /** The newest checkpoint of a sale that is known to exist; `null` where it has no log. */
  checkpoint({ env, waitUntil }: Caller, saleId: string): Promise<string | null> {
    const load = () => callObject(() => env.WAITING_ROOM.logCheckpoint(saleId));
    return this.#checkpoints.get(saleId, { load, waitUntil });
  }

  /** A tile of such a sale's log; `null` where the log has none of this name yet, or there is no log. */
  tile(caller: Caller, saleId: string, name: TileName): Promise<Bytes | null> {
    const path = tilePath(name);
    const isFull = name.width === TILE_WIDTH;
    const load = () => (isFull ? fullTile : tileOfObject)(caller, saleId, path);
    return this.#tiles.get(`${saleId}/${path}`, { load, waitUntil: caller.waitUntil });
  }
}

/** The size of the log that a checkpoint tells: its second line. */
function sizeOf(note: string): number {
  return Number(note.split("\n")[1]);
}

/** A full tile from the bucket, or else from the object and into the bucket. */
async function fullTile(caller: Caller, saleId: string, path: string): Promise<Bytes | null> {
  const { env, waitUntil } = caller;
  const key = `${saleId}/${path}`;
  const copied = await copyIn(env, key);
  if (copied) return copied;
  const bytes = await tileOfObject(caller, saleId, path);
  if (bytes) waitUntil(copyInto(env, key, bytes));
  return bytes;
}

async function tileOfObject({ env }: Caller, saleId: string, path: string): Promise<Bytes | null> {
  const bytes = await callObject(() => env.WAITING_ROOM.logTile(saleId, path));
  return bytes && new Uint8Array(bytes);
}

/** What the bucket has; nothing, where it fails: it is a copy, and the object has it all. */
async function copyIn({ PUBLIC_LOG }: Bindings, key: string): Promise<Bytes | null> {
  try {
    const found = await PUBLIC_LOG.get(key);
    return found && new Uint8Array(await found.arrayBuffer());
  } catch (error) {
    console.warn({ event: "log.copy_unread", key, error: String(error) });
    return null;
  }
}

async function copyInto({ PUBLIC_LOG }: Bindings, key: string, bytes: Bytes): Promise<void> {
  try {
    await PUBLIC_LOG.put(key, bytes);
  } catch (error) {
    console.warn({ event: "log.copy_failed", key, error: String(error) });
  }
}
