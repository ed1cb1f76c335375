import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";

/** The database through Drizzle. */
export function database(env: Pick<PurchaseEnv, "DB">): DrizzleD1Database {
  return drizzle(env.DB);
}
