import { Worker } from "bullmq";
import { drizzle } from "drizzle-orm/node-postgres";
import { redisAt } from "./environment.js";
import { orders } from "./schema.js";
import { openPool } from "./tables.js";

// The consumer of the job queue, a process of its own: a row an order.
const AT_ONCE = 20;
const db = drizzle(openPool(AT_ONCE));
const worker = new Worker(
  "orders",
  async ({ data }) => {
    await db.insert(orders).values(data).onConflictDoNothing();
  },
  { connection: redisAt, concurrency: AT_ONCE },
);
worker.on("error", (error) => console.error(error));
