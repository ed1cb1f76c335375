import { isAllHeld, type ListedLevel, type SaleState, type StockLevel } from "../purchase/sale.ts";
import { formatTime } from "../time.ts";
import type { Board } from "./board.ts";
import type { PublicValue, Shuffle } from "./shuffle.ts";

/** An item with its waiting list; what an older version in a deploy does not say of it is not there. */
export interface ItemStatus extends StockLevel {
  waiting?: number;
  /** Numbers that have an open offer, newest first, at most 50: whose is among them looks at their place on the list. */
  offered?: number[];
}

/** The board as the HTTP contract writes it: the answer of `GET …/status`, and what sockets bring. */
export interface SaleStatus {
  saleId: string;
  state: SaleState;
  endingSoon: boolean;
  allHeld: boolean;
  asOf: string;
  version: number;
  serverTime: string;
  startsAt: string;
  endsAt: string;
  items: ItemStatus[];
  queue: {
    state: SaleState;
    nowServing: number;
    lastNumber: number;
    ratePerMinute: number;
    /** `null` unless the sale draws places; enough to recompute every place that was drawn. */
    shuffle: ShuffleStatus | null;
    message: string | null;
  };
}

/** A shuffle as the HTTP contract writes it. */
export interface ShuffleStatus {
  seedHash: string;
  seed: string | null;
  ends: number[];
  closed: number | null;
  nextDrawAt: string | null;
  publicRandomness: PublicValue | null;
}

/** What everyone may know about a sale right now. */
export function saleStatus(board: Board, nowMs: number): SaleStatus {
  const { saleId, state, endingSoon, levels, version } = board;
  return {
    saleId,
    state,
    endingSoon,
    allHeld: isAllHeld(levels),
    asOf: formatTime(board.asOfMs),
    version,
    serverTime: formatTime(nowMs),
    startsAt: formatTime(board.startsAtMs),
    endsAt: formatTime(board.endsAtMs),
    items: levels.map(itemStatus),
    queue: {
      state,
      nowServing: board.cursor,
      lastNumber: board.lastNumber,
      ratePerMinute: perMinute(board.invitedPerSecond),
      shuffle: shuffleStatus(board.shuffle),
      message: board.controls.message,
    },
  };
}

function itemStatus(listed: ListedLevel): ItemStatus {
  const { sku, stock, available, held, sold, waiting, offered } = listed;
  const level = { sku, stock, available, held, sold };
  return waiting === undefined || offered === undefined
    ? level
    : { ...level, waiting, offered: [...offered] };
}

function shuffleStatus(shuffle: Shuffle | null): ShuffleStatus | null {
  if (shuffle === null) return null;
  const { seedHash, seed, ends, closed = null, nextDrawAtMs, publicRandomness = null } = shuffle;
  const nextDrawAt = nextDrawAtMs === null ? null : formatTime(nextDrawAtMs);
  return { seedHash, seed, ends: [...ends], closed, nextDrawAt, publicRandomness };
}

/** A rate a second as one a minute, to a tenth. */
export function perMinute(perSecond: number): number {
  return Math.round(perSecond * 600) / 10;
}
