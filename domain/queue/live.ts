import { hmacSha256 } from "../hash.ts";
import { ENDING_SOON_MS } from "../purchase/sale.ts";
import type { Board } from "./board.ts";
import { saleStatus, type SaleStatus } from "./sale-status.ts";

/**
 * The objects among which a sale's sockets are spread: 32 of them ask the sequencer 128 times a second
 * at most, and with 8,000 sockets each hold a quarter of a million shoppers.
 */
export const LIVE_SHARDS = 32;

/** The right to open a socket: long enough for a slow phone's handshake, too short to pass on. */
export const LIVE_TOKEN_MS = 30_000;

/** Not a secret: the binding is keyed already; this only spreads it apart from the lanes. */
const SHARD_KEY = new TextEncoder().encode("ropeline/live");

/** The shard that holds a shopper's sockets, of `LIVE_SHARDS`. */
export function liveShardOf(binding: string): number {
  const [first = 0, second = 0] = hmacSha256(SHARD_KEY, binding);
  return ((first << 8) | second) % LIVE_SHARDS;
}

/**
 * What a socket brings: what everyone may know, told apart by its version. Draws are left out: a draw
 * is looked up once by whoever is in it.
 */
export interface LiveMessage extends Omit<SaleStatus, "queue"> {
  type: "board";
  queue: Omit<SaleStatus["queue"], "shuffle">;
  /** The line stands though the sale runs: an admin holds everyone. */
  isHeld: boolean;
  /** How fast the line moves; `null` while nobody can know. */
  flow: Board["flow"];
  /** Numbers whose place was taken back. */
  revoked: readonly number[];
}

/** The message for all sockets of a sale: the same text for everyone, so that it is made once. */
export function liveMessage(board: Board, nowMs: number): LiveMessage {
  const { controls, flow, revoked } = board;
  const status = saleStatus(board, nowMs);
  const { shuffle: _shuffle, ...queue } = status.queue;
  return { type: "board", ...status, queue, isHeld: controls.queueAll, flow, revoked };
}

/**
 * Whether a board says something that an earlier one did not. Start and end come by the clock, without
 * a new version.
 */
export function isNews(board: Board, earlier: Board | null): boolean {
  return (
    board.version > (earlier?.version ?? 0) ||
    board.state !== earlier?.state ||
    board.endingSoon !== earlier.endingSoon
  );
}

/** The next moment after `nowMs` at which the clock alone changes the board; `Infinity` for none. */
export function nextTurnMs(
  {
    prequeueStartsAtMs,
    startsAtMs,
    endsAtMs,
  }: Pick<Board, "prequeueStartsAtMs" | "startsAtMs" | "endsAtMs">,
  nowMs: number,
): number {
  const turns = [prequeueStartsAtMs ?? 0, startsAtMs, endsAtMs - ENDING_SOON_MS, endsAtMs];
  return Math.min(...turns.filter((turnMs) => turnMs > nowMs));
}
