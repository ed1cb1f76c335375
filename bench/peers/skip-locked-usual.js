/* oxlint-disable oxc/no-async-endpoint-handlers -- fastify awaits its handlers, unlike Express */
import { randomUUID } from "node:crypto";
import jwt from "@fastify/jwt";
import { and, count, eq, isNull } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import fastify from "fastify";
import { port, secret } from "./environment.js";
import { line, orders, outbox, sale, units } from "./schema.js";
import { keptBy, makeTables, openPool, relayOutbox } from "./tables.js";

// A row a unit, taken by FOR UPDATE SKIP LOCKED, and an outbox in the same transaction.
const CONNECTIONS = 20;
const pool = openPool(CONNECTIONS);
await makeTables(pool, true);
relayOutbox(pool);
const db = drizzle(pool);

const app = fastify();
await app.register(jwt, { secret });
const authenticate = { onRequest: (request) => request.jwtVerify() };
const body = {
  type: "object",
  required: ["sku", "quantity"],
  properties: { sku: { type: "string" }, quantity: { type: "integer", minimum: 1, maximum: 1 } },
};

app.post("/purchase", { ...authenticate, schema: { body } }, async (request, reply) => {
  const { quantity, sku } = request.body;
  const orderId = await buy(request.user.sub, sku, quantity);
  if (orderId === null) return reply.code(409).send({ code: "sold_out" });
  return reply.code(202).send({ orderId, status: "RESERVED" });
});

function buy(shopper, sku, quantity) {
  return db.transaction(async (tx) => {
    const [earlier] = await tx
      .select({ id: orders.id })
      .from(orders)
      .where(and(eq(orders.sku, sku), eq(orders.shopper, shopper)));
    if (earlier) return earlier.id;
    const [unit] = await tx
      .select({ id: units.id })
      .from(units)
      .where(and(eq(units.sku, sku), isNull(units.orderId)))
      .orderBy(units.id)
      .limit(1)
      .for("update", { skipLocked: true });
    if (!unit) return null;
    const id = randomUUID();
    await tx.insert(orders).values({ id, shopper, sku, quantity });
    await tx.update(units).set({ orderId: id }).where(eq(units.id, unit.id));
    await tx.insert(outbox).values({ orderId: id });
    return id;
  });
}

app.post("/queue", authenticate, async (request, reply) => {
  const [place] = await db.insert(line).values({ shopper: request.user.sub }).returning();
  return reply.code(201).send({ number: place.number, state: "waiting" });
});
app.get("/queue", authenticate, async (request) => {
  const [place] = await db.select().from(line).where(eq(line.shopper, request.user.sub));
  const [{ cursor }] = await db.select().from(sale);
  return { state: "waiting", number: place?.number ?? 0, ahead: (place?.number ?? 0) - cursor };
});
app.get("/status", async () => {
  const [sold] = await db.select({ orders: count() }).from(orders);
  return sold;
});
app.get("/kept/:kind/:prefix", ({ params }) => keptBy(pool, params.kind, params.prefix));
await app.listen({ port, host: "127.0.0.1" });
