import { randomUUID } from "node:crypto";

// All purchases that wait go in one prepared statement, that is one transaction and one flush; several
// such statements at once, each past the rows that the others have locked.
export const AT_ONCE = 4;
const BATCH_MAX = 256;
const BUY = `
  WITH wanted AS (SELECT * FROM unnest($1::text[], $2::text[]) AS w (shopper, id)),
  fresh AS (SELECT id, shopper, row_number() OVER () AS n FROM wanted w
    WHERE NOT EXISTS (SELECT FROM orders o WHERE o.sku = $3 AND o.shopper = w.shopper)),
  free AS (SELECT id AS unit, row_number() OVER () AS n FROM (
    SELECT id FROM units WHERE sku = $3 AND order_id IS NULL ORDER BY id
    LIMIT cardinality($1::text[]) FOR UPDATE SKIP LOCKED) AS u),
  pairs AS (SELECT * FROM fresh JOIN free USING (n)),
  bought AS (INSERT INTO orders (id, shopper, sku, quantity) SELECT id, shopper, $3, 1 FROM pairs
    ON CONFLICT DO NOTHING RETURNING id, shopper),
  taken AS (UPDATE units SET order_id = p.id FROM pairs p JOIN bought USING (id)
    WHERE units.id = p.unit),
  sent AS (INSERT INTO outbox (order_id) SELECT id FROM bought)
  SELECT id, shopper FROM bought
  UNION ALL SELECT o.id, o.shopper FROM orders o JOIN wanted w USING (shopper) WHERE o.sku = $3`;

/** Gathers what waits into statements, each a map from shopper to the id that it was given. */
export class Batches {
  #waiting = [];
  #running = 0;
  constructor(run) {
    this.run = run;
  }
  take(shopper) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ shopper, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#start());
    });
  }
  #start() {
    while (this.#running < AT_ONCE && this.#waiting.length > 0)
      void this.#write(this.#waiting.splice(0, BATCH_MAX));
  }
  async #write(batch) {
    this.#running += 1;
    try {
      const { rows } = await this.run(batch.map(({ shopper }) => shopper));
      const ids = new Map(rows.map(({ id, shopper }) => [shopper, id]));
      for (const { resolve, shopper } of batch) resolve(ids.get(shopper) ?? null);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running -= 1;
      this.#start();
    }
  }
}

/** The orders of an item: what waits is bought together. */
export function ordersIn(pool, sku) {
  return new Batches((shoppers) =>
    pool.query({
      name: "buy",
      text: BUY,
      values: [shoppers, shoppers.map(() => randomUUID()), sku],
    }),
  );
}
