import type { LedgerRow } from "./contract.ts";
import type { Spread } from "../domain/fairness/report.ts";
import { spreadOf } from "../domain/fairness/spread.ts";
import type { ShopperRecord } from "./shopper-record.ts";

/** How the news that everything is sold reached those who waited for a pass at that moment. */
export interface SoldOutNews {
  waiting: number;
  /** Who of them heard of it; the rest left, or the run was over first. */
  told: number;
  /** From the last unit to the answer, or the board, that said so. */
  afterMs: Spread;
}

/** The news apart for both ways of waiting. A shopper whose socket was refused or lost is still one of the first. */
export interface SoldOutFigures {
  bySocket: SoldOutNews;
  byPoll: SoldOutNews;
}

/** When the last unit was sold for good, by the ledger; null while units are left. */
export function soldOutAtMs(ledger: readonly LedgerRow[]): number | null {
  const lastWithUnits = ledger.findLastIndex((row) => row.available > 0 || row.held > 0);
  const row = ledger[lastWithUnits + 1];
  return row === undefined ? null : Date.parse(row.at);
}

/** Follows the news through the line; the server's clock and the driver's have to agree. */
export function soldOutFigures(
  records: readonly ShopperRecord[],
  soldOutMs: number,
): SoldOutFigures {
  const waiting = records.filter(({ end, places }) => {
    const place = places.at(-1);
    if (end === "gone" || place === undefined || place.number === null) return false;
    return place.answeredAtMs < soldOutMs && place.passAtMs === null;
  });
  return {
    bySocket: newsFor(
      waiting.filter(({ socket }) => socket !== null),
      soldOutMs,
    ),
    byPoll: newsFor(
      waiting.filter(({ socket }) => socket === null),
      soldOutMs,
    ),
  };
}

function newsFor(waiting: readonly ShopperRecord[], soldOutMs: number): SoldOutNews {
  const delays = waiting.flatMap(({ soldOutToldAtMs }) =>
    soldOutToldAtMs === null ? [] : [Math.max(0, soldOutToldAtMs - soldOutMs)],
  );
  return { waiting: waiting.length, told: delays.length, afterMs: spreadOf(delays) };
}
