import { encodeBase64url } from "../../../domain/base64url.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { rebuilds } from "../../../d1/schema.ts";
import { database } from "../database.ts";
import { REBUILT_TABLES } from "./tables.ts";

/*
 * The rebuilt tables are those of the rebuild that began last. One that was overtaken must not go on: it would put the
 * tables in use right by rows that are another's, and of which it has not put the events right.
 */

const RUN_BYTES = 16;
const ID = 1;

/** Empties the rebuilt tables and takes them; gives the run's name. */
export async function beginRun(
  env: Pick<PurchaseEnv, "DB">,
  runtime: Pick<Runtime, "randomBytes">,
): Promise<string> {
  const run = encodeBase64url(runtime.randomBytes(RUN_BYTES));
  const db = database(env);
  const { ledgerEvents, auditEntries, orders, payments, stockLevels, messages } = REBUILT_TABLES;
  await db.batch([
    db
      .insert(rebuilds)
      .values({ id: ID, run })
      .onConflictDoUpdate({ target: rebuilds.id, set: { run } }),
    db.delete(ledgerEvents),
    db.delete(auditEntries),
    db.delete(orders),
    db.delete(payments),
    db.delete(stockLevels),
    db.delete(messages),
  ]);
  return run;
}

/** Whether the rebuilt tables are another's by now. */
export async function isOvertaken(env: Pick<PurchaseEnv, "DB">, run: string): Promise<boolean> {
  const [owner] = await database(env).select().from(rebuilds);
  return owner?.run !== run;
}

/** Fails the transaction that it is in, unless the rebuilt tables are this run's: by a row that the table refuses. */
export function onlyOf(db: D1Database, run: string): D1PreparedStatement {
  return db
    .prepare(
      "INSERT INTO rebuild (run) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM rebuild WHERE run = ?)",
    )
    .bind(run);
}
