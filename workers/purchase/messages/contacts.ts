import { eq } from "drizzle-orm";
import { contacts } from "../../../d1/schema.ts";
import { database } from "../database.ts";

type Database = Pick<PurchaseEnv, "DB">;

/** Where a shopper asked to be written to; `null` when nowhere. */
export async function contactOf(env: Database, shopper: string): Promise<string | null> {
  const [row] = await database(env).select().from(contacts).where(eq(contacts.shopper, shopper));
  return row?.email ?? null;
}

/** Notes where a shopper wants to be written to, in place of what was noted before. */
export async function setContact(
  env: Database,
  shopper: string,
  email: string,
  nowMs: number,
): Promise<void> {
  const row = { shopper, email, updatedAtMs: nowMs };
  await database(env)
    .insert(contacts)
    .values(row)
    .onConflictDoUpdate({ target: contacts.shopper, set: row });
}

/** Forgets it: nothing is mailed after this. */
export async function removeContact(env: Database, shopper: string): Promise<void> {
  await database(env).delete(contacts).where(eq(contacts.shopper, shopper));
}
