import { applyD1Migrations, reset } from "cloudflare:test";
import { beforeAll, expect } from "vitest";
import { eventually } from "./clock.ts";
import { bindings, createItem } from "./objects.ts";
import { reservation } from "./samples.ts";

/**
 * For a file that looks at whole tables: what the file before it left in the ledger's queue is written, and
 * removed, before the tests begin. The queue goes in order, so behind a row of our own there is nothing older.
 */
export function useFreshTables(): void {
  beforeAll(async () => {
    const sku = "last-of-the-queue";
    const item = await createItem({ sku });
    await item.reserve(reservation("ada", { orderId: `order-of-${sku}` }));
    await eventually(async () => {
      const { results } = await bindings.DB.prepare("SELECT 1 FROM ledger_event WHERE sku = ?")
        .bind(sku)
        .all();
      expect(results).not.toEqual([]);
    });
    await reset();
    await applyD1Migrations(bindings.DB, bindings.TEST_MIGRATIONS);
  });
}
