import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { parseLogKeys, signCheckpoint } from "../../domain/log/note.ts";
import type { QueueSettings } from "../../domain/queue/settings.ts";
import { keptCheckpoint, keptReceipt, type Kept } from "../evidence.ts";
import { openCheckpoint } from "../log/note.ts";
import { hashTilesOf, heightOf, tilePath, TILE_WIDTH } from "../log/tile.ts";
import { leafHash, MerkleTree } from "../log/tree.ts";
import type { LogCopy } from "../source/copy.ts";
import { readCopy } from "../source/file.ts";

/** What a sale is like. */
export interface Script {
  shoppers: number;
  /** In how many seconds they come; before the start where places are drawn. */
  seconds: number;
  queue: Partial<QueueSettings>;
  /** Whether an admin interferes: pauses, changes the room, takes a place back. */
  isLed?: boolean;
}

/** A sale that was played, what was kept of it, and what it was read from. */
export interface Played {
  copy: LogCopy;
  checkpoints: Kept[];
  receipts: Kept[];
  file: string;
  remove: () => Promise<void>;
}

/** The operator's key, who signs anew what was tampered with. */
export const LOG_KEYS = `first:${Buffer.alloc(32, 3).toString("base64url")}`;

/** Plays a sale in a process of its own: the product's files need a loader. */
export async function played(script: Script): Promise<Played> {
  const folder = await mkdtemp(path.join(tmpdir(), "ropeline-log-"));
  const file = path.join(folder, "sale.log");
  const play = path.join(import.meta.dirname, "play.ts");
  await promisify(execFile)(process.execPath, [play, file, JSON.stringify(script)]);
  const kept = JSON.parse(await readFile(`${file}.kept.json`, "utf8")) as {
    checkpoints: string[];
    receipts: object[];
  };
  return {
    copy: await readCopy(file),
    checkpoints: kept.checkpoints.map((text, index) => keptCheckpoint(`head ${index}`, text)),
    receipts: kept.receipts.map((told, index) =>
      keptReceipt(`receipt ${index}`, JSON.stringify(told)),
    ),
    file,
    remove: () => rm(folder, { recursive: true }),
  };
}

/** An entry's text as an object, to be changed. */
export type Told = Record<string, unknown> & { kind: string; atMs: number };

/** The entries of a copy. */
export function toldIn({ entries }: LogCopy): Told[] {
  return entries.map((entry) => JSON.parse(Buffer.from(entry).toString()) as Told);
}

/** The copy with other entries, as somebody would publish it who cannot sign. */
export function changed(copy: LogCopy, told: readonly Told[]): LogCopy {
  return { ...copy, entries: told.map((entry) => Buffer.from(JSON.stringify(entry))) };
}

/** The copy with other entries, as the operator could publish it: hashed and signed anew. */
export function resigned(copy: LogCopy, told: readonly Told[]): LogCopy {
  const { entries } = changed(copy, told);
  const tree = new MerkleTree();
  for (const entry of entries) tree.push(leafHash(entry));
  const tiles = hashTilesOf(tree.size).map((tile): [string, Uint8Array] => [
    tilePath(tile),
    tree.hashes(heightOf(tile.level), tile.tile * TILE_WIDTH, tile.width),
  ]);
  const [key] = parseLogKeys(LOG_KEYS).values();
  if (!key) throw new Error("no key");
  const { origin } = openCheckpoint(copy.checkpoint, copy.keys);
  const checkpoint = signCheckpoint(origin, { size: tree.size, head: tree.head() }, key);
  return { ...copy, entries, tiles: new Map(tiles), checkpoint };
}
