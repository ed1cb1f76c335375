import { Redis } from "ioredis";
import { redisAt } from "./environment.js";
import { openPool } from "./tables.js";

// Brings orders from the stream to PostgreSQL, many in one statement; what is written leaves the stream.
const BATCH_MAX = 500;
const WAIT_MS = 1000;
const redis = new Redis(redisAt);
const pool = openPool(1);
const INSERT = `INSERT INTO orders (id, shopper, sku, quantity)
  SELECT id, shopper, sku, 1 FROM unnest($1::text[], $2::text[], $3::text[]) AS o (id, shopper, sku)
  ON CONFLICT DO NOTHING`;

for (;;) {
  const read = await redis.xread("COUNT", BATCH_MAX, "BLOCK", WAIT_MS, "STREAMS", "orders", "0");
  const entries = read?.[0]?.[1] ?? [];
  if (entries.length === 0) continue;
  const column = (index) => entries.map(([, fields]) => fields[index]);
  await pool.query({ name: "insert", text: INSERT, values: [column(1), column(3), column(5)] });
  await redis.xdel("orders", ...entries.map(([id]) => id));
}
