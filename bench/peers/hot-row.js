import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { AT_ONCE, ordersIn } from "./batches.js";
import { redisAt, stock } from "./environment.js";
import { BUY_AND_SEND_SCRIPT } from "./redis-scripts.js";
import { makeTables, openPool } from "./tables.js";

// One item of PEER, without HTTP before it: `node hot-row.js FROM COUNT` buys a unit for so many shoppers, from this
// one on, and prints what was bought in how many seconds and how many orders there are.
const SHOPPERS_AT_ONCE = 3200;

async function redisItem() {
  const redis = new Redis({ ...redisAt, enableAutoPipelining: true });
  redis.defineCommand("buy", BUY_AND_SEND_SCRIPT);
  await redis.set("stock:phone", stock, "NX");
  const keys = ["stock:phone", "buyers:phone", "orders"];
  return {
    buy: (shopper) => redis.buy(...keys, shopper, randomUUID(), "phone"),
    kept: () => redis.hlen("buyers:phone"),
    close: () => redis.quit(),
  };
}

async function postgresItem(isFirst) {
  const pool = openPool(AT_ONCE);
  await makeTables(pool, isFirst);
  const orders = ordersIn(pool, "phone");
  return {
    buy: (shopper) => orders.take(shopper),
    kept: async () => (await pool.query("SELECT count(*)::int AS n FROM orders")).rows[0].n,
    close: () => pool.end(),
  };
}

const [from, count] = process.argv.slice(2).map(Number);
const item = await (process.env.PEER === "redis-fast" ? redisItem() : postgresItem(from === 0));
let next = from;
let bought = 0;
const shop = async () => {
  while (next < from + count) if (await item.buy(`shopper-${next++}`)) bought += 1;
};
const startMs = performance.now();
await Promise.all(Array.from({ length: SHOPPERS_AT_ONCE }, shop));
const seconds = (performance.now() - startMs) / 1000;
console.log(JSON.stringify({ bought, seconds, kept: await item.kept() }));
await item.close();
