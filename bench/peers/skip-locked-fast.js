import { AT_ONCE, Batches, ordersIn } from "./batches.js";
import { remembered, serve } from "./lean-http.js";
import { keptBy, makeTables, openPool, relayOutbox } from "./tables.js";

const FRESH_MS = 250;
const pool = openPool(AT_ONCE + 2);
await makeTables(pool, true);
relayOutbox(pool);

const JOIN = `
  INSERT INTO line (shopper) SELECT DISTINCT * FROM unnest($1::text[])
  ON CONFLICT (shopper) DO UPDATE SET shopper = excluded.shopper RETURNING number AS id, shopper`;

const orders = new Map();
function ordersOf(sku) {
  const known = orders.get(sku) ?? ordersIn(pool, sku);
  orders.set(sku, known);
  return known;
}
const places = new Batches((shoppers) =>
  pool.query({ name: "join", text: JOIN, values: [shoppers] }),
);
const first = (text) => async () => (await pool.query(text)).rows[0];
const cursor = remembered(first("SELECT cursor FROM sale"), FRESH_MS);
const sold = remembered(first("SELECT count(*) FROM orders"), FRESH_MS);

serve(
  {
    "POST /purchase": async (shopper, { sku }) => {
      const orderId = await ordersOf(sku).take(shopper);
      return orderId === null
        ? [409, { code: "sold_out" }]
        : [202, { orderId, status: "RESERVED" }];
    },
    "POST /queue": async (shopper) => [
      201,
      { number: await places.take(shopper), state: "waiting" },
    ],
    "GET /queue": async (shopper) => {
      const number = Number(shopper.slice(shopper.lastIndexOf("-") + 1));
      return [200, { state: "waiting", number, ahead: number - Number((await cursor()).cursor) }];
    },
  },
  {
    "GET /status": async () => [200, await sold()],
    "GET /kept": async (_, [kind, prefix]) => [200, await keptBy(pool, kind, prefix)],
  },
);
