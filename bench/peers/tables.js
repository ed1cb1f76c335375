import { Pool } from "pg";
import { postgresAt, SKUS } from "./environment.js";

// Units have no ordered index but that of the free ones: a planner that takes another walks past all that were sold.
const TABLES = `
  CREATE TABLE IF NOT EXISTS orders (
    id text PRIMARY KEY, shopper text NOT NULL, sku text NOT NULL, quantity int NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (sku, shopper));
  CREATE TABLE IF NOT EXISTS units (id bigserial NOT NULL, sku text NOT NULL, order_id text);
  CREATE INDEX IF NOT EXISTS free_units ON units (sku, id) WHERE order_id IS NULL;
  CREATE INDEX IF NOT EXISTS units_by_id ON units USING hash (id);
  CREATE TABLE IF NOT EXISTS outbox (id bigserial PRIMARY KEY, order_id text NOT NULL);
  CREATE TABLE IF NOT EXISTS line (number bigserial PRIMARY KEY, shopper text NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS sale (id int PRIMARY KEY, cursor bigint NOT NULL);
  INSERT INTO sale VALUES (1, 0) ON CONFLICT DO NOTHING;
`;

/** Connections, at most so many. */
export function openPool(max) {
  return new Pool({ ...postgresAt, max });
}

/** Makes the tables and, where units are rows, the units. */
export async function makeTables(pool, withUnits) {
  await pool.query(TABLES);
  if (!withUnits) return;
  for (const [sku, count] of Object.entries(SKUS))
    await pool.query("INSERT INTO units (sku) SELECT $1 FROM generate_series(1, $2)", [sku, count]);
  await pool.query("VACUUM ANALYZE units");
}

/** What was kept of the orders or places of these shoppers, for the check after a run. */
export async function keptBy(pool, kind, prefix) {
  const told = kind === "places" ? "SELECT number AS id FROM line" : "SELECT id FROM orders";
  const { rows } = await pool.query(`${told} WHERE starts_with(shopper, $1)`, [prefix]);
  const { rows: sums } = await pool.query(
    "SELECT coalesce(sum(quantity), 0)::int AS sold FROM orders WHERE sku = 'phone'",
  );
  return { ids: rows.map(({ id }) => id), sold: sums[0].sold };
}

/** Takes events out of the outbox, as a relay to a broker would, for ever. */
export function relayOutbox(pool) {
  const take = `DELETE FROM outbox WHERE id IN
    (SELECT id FROM outbox ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED)`;
  const turn = async () => {
    const { rowCount } = await pool.query(take);
    setTimeout(() => void turn(), rowCount > 0 ? 10 : 200);
  };
  void turn();
}
