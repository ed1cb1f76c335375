import { sql } from "drizzle-orm";
import { orders } from "../../d1/schema.ts";
import type { UnitCount } from "../../domain/fairness/units.ts";
import { database } from "./database.ts";

/** Different counts that are told, the smallest first: a limit by shopper leaves far fewer. */
const COUNTS_MAX = 1_000;

/** How many shoppers of a sale have confirmed orders of so many units together. */
export function unitsPerShopper(
  env: Pick<PurchaseEnv, "DB">,
  saleId: string,
): Promise<UnitCount[]> {
  return database(env).all<UnitCount>(sql`
    SELECT units, count(*) AS shoppers FROM (
      SELECT sum(quantity) AS units FROM ${orders}
      WHERE sale_id = ${saleId} AND status = 'CONFIRMED' GROUP BY shopper
    ) GROUP BY units ORDER BY units LIMIT ${COUNTS_MAX}`);
}
