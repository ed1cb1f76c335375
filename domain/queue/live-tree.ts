import { assert } from "../assert.ts";
import { hmacSha256 } from "../hash.ts";
import { REGIONS, type Region } from "./region.ts";

/*
 * The objects that bring the board to sockets are a tree: the sequencer, one root a region, the shards
 * of the region, which hold the sockets.
 */

/** Nobody in the tree has more to tell than this many: the answers go out within milliseconds. */
export const FAN_OUT_MAX = 64;

/** Sockets of one shard: telling all of them takes some tens of milliseconds of the 250 there are. */
export const SHARD_SOCKETS_MAX = 8_000;

/** The shards of one region: with all their sockets they hold a quarter of a million shoppers. */
export const LIVE_SHARDS = 32;

/** Not a secret: the binding is keyed already; this only spreads it apart from the lanes. */
const SHARD_KEY = new TextEncoder().encode("ropeline/live");

/** The shard that holds a shopper's sockets, of `LIVE_SHARDS`. */
export function liveShardOf(binding: string): number {
  const [first = 0, second = 0] = hmacSha256(SHARD_KEY, binding);
  return ((first << 8) | second) % LIVE_SHARDS;
}

/** Whom the root of a region tells for. */
export interface RootPlace {
  saleId: string;
  region: Region;
}

/** Which of a region's shards an object is. */
export interface ShardPlace extends RootPlace {
  shard: number;
}

/** The object name of a region's root. */
export function liveRootName({ saleId, region }: RootPlace): string {
  return `${saleId}/${region}`;
}

/** Reads what `liveRootName` wrote. */
export function parseLiveRootName(name: string): RootPlace {
  const [, saleId, word] = /^(.+)\/([a-z]+)$/.exec(name) ?? [];
  const region = REGIONS.find((one) => one === word);
  assert(saleId !== undefined && region !== undefined, `"${name}" names the root of a region`);
  return { saleId, region };
}

/** The object name of a shard. */
export function liveShardName({ shard, ...root }: ShardPlace): string {
  return `${liveRootName(root)}/${shard}`;
}

/** Reads what `liveShardName` wrote. */
export function parseLiveShardName(name: string): ShardPlace {
  const [, root, shard] = /^(.+)\/(\d{1,2})$/.exec(name) ?? [];
  assert(root !== undefined && shard !== undefined, `"${name}" names a shard`);
  return { ...parseLiveRootName(root), shard: Number(shard) };
}
