import type { Hold } from "../domain/purchase/hold.ts";
import { endsOf, FIND_HOLDS, timeOf } from "./sku-tables.ts";

/** Holds that are found by memory alone: who wakes reads so many rows, some 15 ms; the commit that writes them down takes 10 to 80 more. */
export const FRESH_MAX_HOLDS = 8_192;

/**
 * Finds holds by their order's id and by their shopper. The latest are known by memory, and all before them by two tables that are
 * written in their own order, thousands at a time: written with each purchase, shoppers, who are random, would take a page for every one.
 *
 * What memory says is a hint and nothing more: who reads by it asks the row whose it is, since a row that was taken back leaves a
 * hint to whatever came in its place. A hold that is written is always in one of both, since memory is added to with each and
 * cleared only when the tables have it all.
 */
export class HoldFinder {
  readonly #sql: SqlStorage;
  readonly #max: number;
  #fresh: Fresh | null = null;

  /** @param max fresh holds from which on they are written to the tables. */
  constructor(storage: DurableObjectStorage, max = FRESH_MAX_HOLDS) {
    this.#sql = storage.sql;
    this.#max = max;
  }

  /** A hold was written as the row of this id. */
  add(id: number, { orderId, shopper }: Pick<Hold, "orderId" | "shopper">): void {
    this.#known().add(id, orderId, shopper);
  }

  /** The id of an order's hold, if memory has one. */
  ofOrder(orderId: string): number | null {
    return this.#known().ofOrder.get(orderId) ?? null;
  }

  /** The ids that memory has of the holds of shoppers, each once, as JSON. */
  ofShoppers(shoppers: readonly string[]): string {
    const { ofShopper } = this.#known();
    const ids = shoppers.flatMap((shopper) => ofShopper.get(shopper) ?? []);
    return JSON.stringify(ids.length > 1 ? [...new Set(ids)] : ids);
  }

  /** Writes to the tables what memory has, if that is much. Not to be called in a savepoint, which might take it back. */
  settle(): void {
    if (this.#known().holds < this.#max) return;
    for (const statement of FIND_HOLDS) this.#sql.exec(statement);
    this.#fresh = new Fresh();
  }

  #known(): Fresh {
    if (this.#fresh) return this.#fresh;
    const fresh = new Fresh();
    const rows = this.#sql.exec<{ id: number; order_id: string; shopper: string }>(
      `SELECT id, order_id, shopper FROM hold
       WHERE id > coalesce((SELECT found_through FROM item), 0) ORDER BY id`,
    );
    for (const { id, order_id: orderId, shopper } of rows) fresh.add(id, orderId, shopper);
    return (this.#fresh = fresh);
  }
}

/** The ids of holds that the tables lack. */
class Fresh {
  readonly ofOrder = new Map<string, number>();
  readonly ofShopper = new Map<string, number[]>();
  holds = 0;

  add(id: number, orderId: string, shopper: string): void {
    this.holds += 1;
    this.ofOrder.set(orderId, id);
    const theirs = this.ofShopper.get(shopper);
    if (theirs) theirs.push(id);
    else this.ofShopper.set(shopper, [id]);
  }
}

/** Finds the hold of an order id, bound as `?1`, whose row memory has as `?2`. */
export const IS_OF_ORDER = `order_id = ?1 AND id = coalesce(?2, (
  SELECT found.hold FROM hold_of_order AS found CROSS JOIN hold AS theirs ON theirs.id = found.hold
  WHERE found.time = ${timeOf("?1")} AND theirs.order_id = ?1))`;

/** Finds the holds of a shopper, bound as `?1`, of whom memory has the rows of `?2`. */
export const IS_OF_SHOPPER = `shopper = ?1 AND id IN (
  SELECT value FROM json_each(?2)
  UNION ALL SELECT hold FROM hold_of_shopper WHERE ends = ${endsOf("?1")})`;
