import { ENDING_SOON_MS } from "../purchase/sale.ts";
import type { Board } from "./board.ts";
import { saleStatus, type SaleStatus } from "./sale-status.ts";
import type { PublicRandomness } from "./settings.ts";
import { missingValue } from "./shuffle.ts";

/** The right to open a socket: long enough for a slow phone's handshake, too short to pass on. */
export const LIVE_TOKEN_MS = 30_000;

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
  /** The public value that a draw waits for: once it waits no more, its places can be looked up. */
  drawsAfter: PublicRandomness | null;
}

/** The message for all sockets of a sale: the same text for everyone, so that it is made once. */
export function liveMessage(board: Board, nowMs: number): LiveMessage {
  const { controls, flow, revoked } = board;
  const status = saleStatus(board, nowMs);
  const { shuffle: _shuffle, ...queue } = status.queue;
  const drawsAfter = missingValue(board.shuffle);
  return { type: "board", ...status, queue, isHeld: controls.queueAll, flow, revoked, drawsAfter };
}

/** The times at which the clock alone changes a board. */
type Turns = Pick<Board, "prequeueStartsAtMs" | "startsAtMs" | "endsAtMs">;

/** Behind the point there is room for more turns than a sale has. */
const TURNS_MAX = 10;

/**
 * Puts the boards of a sale in one order: the version, and behind the point how many turns of the
 * clock it has seen. Start and end come without a new version.
 */
export function editionOf(board: Turns & Pick<Board, "version" | "asOfMs">): number {
  const seen = turnsOf(board).filter((turnMs) => turnMs <= board.asOfMs);
  return board.version + seen.length / TURNS_MAX;
}

/** The next moment after `nowMs` at which the clock alone changes the board; `Infinity` for none. */
export function nextTurnMs(turns: Turns, nowMs: number): number {
  return Math.min(...turnsOf(turns).filter((turnMs) => turnMs > nowMs));
}

function turnsOf({ prequeueStartsAtMs, startsAtMs, endsAtMs }: Turns): number[] {
  return [prequeueStartsAtMs ?? startsAtMs, startsAtMs, endsAtMs - ENDING_SOON_MS, endsAtMs];
}
