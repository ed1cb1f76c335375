import { sql } from "drizzle-orm";
import { ledgerEvents } from "../../d1/schema.ts";
import type { Percentiles } from "../../domain/percentiles.ts";
import { database } from "./database.ts";

const MINUTE_MS = 60_000;

/** How fast a sale's orders were confirmed. */
export interface ClosingFigures {
  /** Most confirmations within any 60 seconds. */
  peakPerMinute: number;
  /** From the hold to the confirmation; `null` when nothing was sold. */
  purchaseMs: Percentiles | null;
}

interface Row extends Percentiles {
  peak: number | null;
}

/** Works the figures out from an index of the sale's confirmations alone, some 0.2 s for 100,000. */
export async function closingFigures(env: PurchaseEnv, saleId: string): Promise<ClosingFigures> {
  const rank = (percent: number) => sql`max(took_ms) FILTER (
    WHERE place = (${sql.raw(String(percent))} * total + 99) / 100)`;
  const [row] = await database(env).all<Row>(sql`
    WITH confirmation AS (
      SELECT at_ms, at_ms - (body ->> '$.order.createdAtMs') AS took_ms FROM ${ledgerEvents}
      WHERE sale_id = ${saleId} AND type IN ('confirmed', 'cash_confirmed')
    ), ranked AS (
      SELECT took_ms,
        count(*) OVER (ORDER BY at_ms RANGE BETWEEN ${sql.raw(String(MINUTE_MS - 1))} PRECEDING
          AND CURRENT ROW) AS in_minute,
        row_number() OVER (ORDER BY took_ms) AS place,
        count(*) OVER () AS total
      FROM confirmation
    )
    SELECT max(in_minute) AS peak, ${rank(50)} AS p50, ${rank(90)} AS p90, ${rank(99)} AS p99
    FROM ranked`);
  if (!row || row.peak === null) return { peakPerMinute: 0, purchaseMs: null };
  const { peak, p50, p90, p99 } = row;
  return { peakPerMinute: peak, purchaseMs: { p50, p90, p99 } };
}
