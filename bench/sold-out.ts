import type { LedgerRow } from "./contract.ts";
import { type Spread, spreadOf } from "./percentiles.ts";
import type { ShopperRecord } from "./shopper-record.ts";

/** How the news that everything is sold reached those who waited for a pass at that moment. */
export interface SoldOutNews {
  waiting: number;
  /** Who of them heard of it; the rest left, or the run was over first. */
  told: number;
  /** From the last unit to the answer that said so. */
  afterMs: Spread;
}

/** When the last unit was sold for good, by the ledger; null while units are left. */
export function soldOutAtMs(ledger: readonly LedgerRow[]): number | null {
  const lastWithUnits = ledger.findLastIndex((row) => row.available > 0 || row.held > 0);
  const row = ledger[lastWithUnits + 1];
  return row === undefined ? null : Date.parse(row.at);
}

/** Follows the news through the line; the server's clock and the driver's have to agree. */
export function soldOutNews(records: readonly ShopperRecord[], soldOutMs: number): SoldOutNews {
  const waiting = records.filter(({ end, places }) => {
    const place = places.at(-1);
    if (end === "gone" || place === undefined || place.number === null) return false;
    return place.answeredAtMs < soldOutMs && place.passAtMs === null;
  });
  const delays = waiting.flatMap(({ soldOutToldAtMs }) =>
    soldOutToldAtMs === null ? [] : [Math.max(0, soldOutToldAtMs - soldOutMs)],
  );
  return { waiting: waiting.length, told: delays.length, afterMs: spreadOf(delays) };
}
