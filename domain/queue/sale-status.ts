import { isAllHeld, type SaleState, type StockLevel } from "../purchase/sale.ts";
import { formatTime } from "../time.ts";
import type { Board } from "./board.ts";
import type { Shuffle } from "./shuffle.ts";

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
  items: StockLevel[];
  queue: {
    state: SaleState;
    nowServing: number;
    lastNumber: number;
    ratePerMinute: number;
    /** `null` unless the sale is shuffled at its start; the seed is told after it. */
    shuffle: { seedHash: string; seed: string | null; earlyEntrants: number | null } | null;
    message: string | null;
  };
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
    items: levels.map(({ sku, stock, available, held, sold }) => ({
      sku,
      stock,
      available,
      held,
      sold,
    })),
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

function shuffleStatus(shuffle: Shuffle | null): SaleStatus["queue"]["shuffle"] {
  if (shuffle === null) return null;
  const { seedHash, draw } = shuffle;
  return { seedHash, seed: draw?.seed ?? null, earlyEntrants: draw?.count ?? null };
}

/** A rate a second as one a minute, to a tenth. */
export function perMinute(perSecond: number): number {
  return Math.round(perSecond * 600) / 10;
}
