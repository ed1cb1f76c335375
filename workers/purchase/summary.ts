import { count, countDistinct, eq, sql, sum } from "drizzle-orm";
import { orders as orderTable } from "../../d1/schema.ts";
import type { Money } from "../../domain/money.ts";
import { intakeName } from "../../domain/purchase/intake.ts";
import type { SaleItem } from "../../domain/purchase/sale.ts";
import { Calls } from "../../durable-objects/calls.ts";
import type { SkuStats } from "../../durable-objects/sku.ts";
import type { WaitlistCounts } from "../../durable-objects/waitlist-store.ts";
import type { WaitReport } from "../../durable-objects/wait-report.ts";
import type { QueueStats } from "../waiting-room/service.ts";
import { closingFigures, type ClosingFigures } from "./closing-figures.ts";
import { database } from "./database.ts";
import { findSale } from "./sales.ts";

/** The figures of a sale: orders and revenue from the projection, units from their writers. */
export interface SaleSummary {
  saleId: string;
  sold: number;
  revenue: Money;
  orders: { byStatus: Record<string, number> };
  /** Shoppers with an order. */
  shoppers: number;
  /** Shoppers with a confirmed order. */
  buyers: number;
  /** Places given: who came back after a turn that passed has had two. `null` while the line does not answer. */
  joined: number | null;
  refunds: { orders: number; amount: number };
  /** `null` until the sale has ended. */
  closing: (ClosingFigures & WaitReport) | null;
  /** Units sold or held beyond the stock; 0, or something is badly wrong. */
  oversold: number;
  soldOutAtMs: number | null;
  /** What became of those who waited, by item. */
  waitlist: ({ sku: string } & WaitlistCounts)[];
  objects: {
    skus: SkuStats[];
    /** Calls by kind, summed over the intakes of all items; left out where there are none, and by an older version. */
    intakes?: Record<string, number>;
    queue: QueueStats | null;
  };
}

/** Gathers the figures of a sale; `null` when it does not exist. */
export async function summarise(env: PurchaseEnv, saleId: string): Promise<SaleSummary | null> {
  const sale = await findSale(env, saleId);
  if (!sale) return null;
  const { items, queue } = sale.definition;
  const db = database(env);
  const ofSale = eq(orderTable.saleId, saleId);
  const isConfirmed = sql`CASE WHEN ${orderTable.status} = 'CONFIRMED' THEN ${orderTable.shopper} END`;
  const [byStatus, [people], stats, intakes, queueStats] = await Promise.all([
    db
      .select({
        status: orderTable.status,
        orders: count(),
        amount: sum(orderTable.amount).mapWith(Number),
      })
      .from(orderTable)
      .where(ofSale)
      .groupBy(orderTable.status),
    db
      .select({
        shoppers: countDistinct(orderTable.shopper),
        buyers: countDistinct(isConfirmed),
      })
      .from(orderTable)
      .where(ofSale),
    Promise.all(items.map(({ sku }) => env.SKU.getByName(sku).stats())),
    callsOfIntakes(env, items),
    env.WAITING_ROOM.stats(saleId, queue.lanes),
  ]);
  const skus = stats.filter((entry) => entry !== null);
  let sold = 0;
  let oversold = 0;
  let soldOutAtMs: number | null = 0;
  for (const { level, soldOutAtMs: atMs } of skus) {
    sold += level.sold;
    oversold += Math.max(0, level.sold + level.held - level.stock);
    soldOutAtMs = soldOutAtMs === null || atMs === null ? null : Math.max(soldOutAtMs, atMs);
  }
  const currency = items[0]?.salePrice.currency ?? "EUR";
  const confirmed = byStatus.find((row) => row.status === "CONFIRMED");
  const refunded = byStatus.find((row) => row.status === "REFUNDED");
  const waits = queueStats?.sequencer.waits ?? null;
  return {
    saleId,
    sold,
    revenue: { amount: confirmed?.amount ?? 0, currency },
    refunds: { orders: refunded?.orders ?? 0, amount: refunded?.amount ?? 0 },
    orders: { byStatus: Object.fromEntries(byStatus.map((row) => [row.status, row.orders])) },
    shoppers: people?.shoppers ?? 0,
    buyers: people?.buyers ?? 0,
    joined: queueStats?.sequencer.line.lastNumber ?? null,
    closing: waits && { ...waits, ...(await closingFigures(env, saleId)) },
    oversold,
    soldOutAtMs,
    waitlist: skus.flatMap(({ level: { sku }, waitlist }) =>
      waitlist ? [{ sku, ...waitlist }] : [],
    ),
    objects: { skus, ...(intakes && { intakes }), queue: queueStats },
  };
}

async function callsOfIntakes(
  env: PurchaseEnv,
  items: readonly SaleItem[],
): Promise<Record<string, number> | null> {
  const names = items.flatMap(({ sku, intakes = 0 }) =>
    Array.from({ length: intakes }, (_, intake) => intakeName(sku, intake)),
  );
  if (names.length === 0) return null;
  const total = new Calls();
  for (const calls of await Promise.all(
    names.map((name) => env.SKU_INTAKE.getByName(name).stats()),
  ))
    for (const [kind, count] of Object.entries(calls)) total.count(kind, count);
  return total.snapshot();
}
