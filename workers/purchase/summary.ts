import type { Money } from "../../domain/money.ts";
import type { SkuStats } from "../../durable-objects/sku.ts";
import type { QueueStats } from "../waiting-room/service.ts";

/** The figures of a sale, from the projection; `objects` is what its objects count themselves. */
export interface SaleSummary {
  saleId: string;
  sold: number;
  revenue: Money | null;
  orders: { byStatus: Record<string, number> };
  shoppers: number;
  oversold: number;
  soldOutAtMs: number | null;
  objects: { skus: SkuStats[]; queue: QueueStats | null };
}
