/* oxlint-disable oxc/no-async-endpoint-handlers -- fastify awaits its handlers, unlike Express */
import { randomUUID } from "node:crypto";
import jwt from "@fastify/jwt";
import { Queue } from "bullmq";
import fastify from "fastify";
import { Redis } from "ioredis";
import { port, redisAt, secret, SKUS } from "./environment.js";
import { BUY_SCRIPT, JOIN_SCRIPT } from "./redis-scripts.js";
import { keptBy, makeTables, openPool } from "./tables.js";

// Redis decides, a job queue carries the order to PostgreSQL: as articles on flash sales have it.
const redis = new Redis(redisAt);
redis.defineCommand("buy", BUY_SCRIPT);
redis.defineCommand("join", JOIN_SCRIPT);
for (const [sku, count] of Object.entries(SKUS)) await redis.set(`stock:${sku}`, count);
await redis.set("cursor", 0);
const queue = new Queue("orders", { connection: redisAt });
const pool = openPool(2);
await makeTables(pool, false);

const app = fastify();
await app.register(jwt, { secret });
const authenticate = { onRequest: (request) => request.jwtVerify() };
const shopperOf = ({ user }) => user.sub;
const body = {
  type: "object",
  required: ["sku", "quantity"],
  properties: { sku: { type: "string" }, quantity: { type: "integer", minimum: 1, maximum: 1 } },
};

app.post("/purchase", { ...authenticate, schema: { body } }, async (request, reply) => {
  const { quantity, sku } = request.body;
  const shopper = shopperOf(request);
  const orderId = await redis.buy(`stock:${sku}`, `buyers:${sku}`, shopper, randomUUID());
  if (orderId === null) return reply.code(409).send({ code: "sold_out" });
  const order = { id: orderId, shopper, sku, quantity };
  await queue.add("order", order, { jobId: orderId, removeOnComplete: true });
  return reply.code(202).send({ orderId, status: "RESERVED" });
});
app.post("/queue", authenticate, async (request, reply) => {
  const number = await redis.join("line", "places", shopperOf(request));
  return reply.code(201).send({ number, state: "waiting" });
});
app.get("/queue", authenticate, async (request) => {
  const [number, cursor] = await Promise.all([
    redis.hget("places", shopperOf(request)),
    redis.get("cursor"),
  ]);
  return { state: "waiting", number: Number(number), ahead: Number(number) - Number(cursor) };
});
app.get("/status", async () => ({ available: Number(await redis.get("stock:phone")) }));
app.get("/kept/:kind/:prefix", async ({ params }) => {
  if (params.kind === "orders") return keptBy(pool, "orders", params.prefix);
  const places = Object.entries(await redis.hgetall("places"));
  return { ids: places.filter(([name]) => name.startsWith(params.prefix)).map(([, id]) => id) };
});
await app.listen({ port, host: "127.0.0.1" });
