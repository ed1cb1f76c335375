import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { redisAt, SKUS } from "./environment.js";
import { remembered, serve } from "./lean-http.js";
import { BUY_AND_SEND_SCRIPT, JOIN_SCRIPT } from "./redis-scripts.js";
import { keptBy, makeTables, openPool } from "./tables.js";

// One script decides and sends; all commands of a turn of the loop go in one write, and Redis answers
// after one fsync for them.
const FRESH_MS = 250;
const redis = new Redis({ ...redisAt, enableAutoPipelining: true });
redis.defineCommand("buy", BUY_AND_SEND_SCRIPT);
redis.defineCommand("join", JOIN_SCRIPT);
for (const [sku, count] of Object.entries(SKUS)) await redis.set(`stock:${sku}`, count);
await redis.set("cursor", 0);
const pool = openPool(2);
await makeTables(pool, false);
const cursor = remembered(() => redis.get("cursor"), FRESH_MS);
const left = remembered(() => redis.get("stock:phone"), FRESH_MS);

serve(
  {
    "POST /purchase": async (shopper, { sku }) => {
      const keys = [`stock:${sku}`, `buyers:${sku}`, "orders"];
      const orderId = await redis.buy(...keys, shopper, randomUUID(), sku);
      return orderId === null
        ? [409, { code: "sold_out" }]
        : [202, { orderId, status: "RESERVED" }];
    },
    "POST /queue": async (shopper) => {
      const number = await redis.join("line", "places", shopper);
      return [201, { number, state: "waiting" }];
    },
    // The number is in the token; the cursor is the same for everybody.
    "GET /queue": async (shopper) => {
      const number = Number(shopper.slice(shopper.lastIndexOf("-") + 1));
      return [200, { state: "waiting", number, ahead: number - Number(await cursor()) }];
    },
  },
  {
    "GET /status": async () => [200, { available: Number(await left()) }],
    "GET /kept": async (_, [kind, prefix]) => {
      if (kind === "orders") return [200, await keptBy(pool, kind, prefix)];
      const places = Object.entries(await redis.hgetall("places"));
      const ids = places.filter(([name]) => name.startsWith(prefix)).map(([, id]) => id);
      return [200, { ids }];
    },
  },
);
