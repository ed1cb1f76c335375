import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { AT_ONCE, ordersIn } from "./batches.js";
import { redisAt, stock } from "./environment.js";
import { BUY_AND_SEND_SCRIPT } from "./redis-scripts.js";
import { makeTables, openPool } from "./tables.js";

// One item of PEER, without HTTP before it: for each line `FROM COUNT` it buys a unit for so many shoppers, from this one
// on, and prints as JSON what was bought in how many seconds and how many orders there are.
const SHOPPERS_AT_ONCE = 3200;

async function redisItem() {
  const redis = new Redis({ ...redisAt, enableAutoPipelining: true });
  redis.defineCommand("buy", BUY_AND_SEND_SCRIPT);
  await redis.set("stock:phone", stock);
  const keys = ["stock:phone", "buyers:phone", "orders"];
  return {
    buy: (shopper) => redis.buy(...keys, shopper, randomUUID(), "phone"),
    kept: () => redis.hlen("buyers:phone"),
    close: () => redis.quit(),
  };
}

async function postgresItem() {
  const pool = openPool(AT_ONCE);
  await makeTables(pool, true);
  const orders = ordersIn(pool, "phone");
  return {
    buy: (shopper) => orders.take(shopper),
    kept: async () => (await pool.query("SELECT count(*)::int AS n FROM orders")).rows[0].n,
    close: () => pool.end(),
  };
}

async function round(item, from, count) {
  let next = from;
  let bought = 0;
  const shop = async () => {
    while (next < from + count) if (await item.buy(`shopper-${next++}`)) bought += 1;
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: SHOPPERS_AT_ONCE }, shop));
  const seconds = (performance.now() - startMs) / 1000;
  return { bought, seconds, kept: await item.kept() };
}

const item = await (process.env.PEER === "redis-fast" ? redisItem() : postgresItem());
for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await round(item, ...line.split(" ").map(Number))));
await item.close();
