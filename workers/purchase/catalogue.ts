import { asc, eq, gt, sql } from "drizzle-orm";
import { products as productTable } from "../../d1/schema.ts";
import type { Product, ProductChanges } from "../../domain/catalogue.ts";
import { NOBODY, type Actor } from "../../domain/books/actor.ts";
import { refuse, type Refusal } from "../../domain/problem.ts";
import { auditLogOf } from "./books/owners.ts";
import { database } from "./database.ts";
import type { Page } from "./page.ts";

/** Creates a product; one that exists is returned unchanged. The shop's chain tells of it before it is done. */
export async function createProduct(
  env: PurchaseEnv,
  product: Product,
  by: Actor = NOBODY,
): Promise<{ ok: true; product: Product } | Refusal> {
  const { productId } = product;
  const known = await findProduct(env, productId);
  if (known) return { ok: true, product: known };
  const noted = await auditLogOf(env).record("product_created", product, by);
  if (!noted.ok) return noted;
  await database(env)
    .insert(productTable)
    .values({ productId, body: JSON.stringify(product) })
    .onConflictDoNothing();
  const stored = await findProduct(env, productId);
  return { ok: true, product: stored ?? product };
}

/** Changes a product, in one statement. Sales that exist keep the name and price that they were made with. */
export async function changeProduct(
  env: PurchaseEnv,
  productId: string,
  changes: ProductChanges,
  by: Actor = NOBODY,
): Promise<{ ok: true; product: Product } | Refusal> {
  if (!(await findProduct(env, productId))) return refuse("not_found");
  const noted = await auditLogOf(env).record("product_changed", { productId, changes }, by);
  if (!noted.ok) return noted;
  const [row] = await database(env)
    .update(productTable)
    .set({ body: sql`json_patch(${productTable.body}, ${JSON.stringify(changes)})` })
    .where(eq(productTable.productId, productId))
    .returning();
  return row ? { ok: true, product: JSON.parse(row.body) as Product } : refuse("not_found");
}

/** Products by id. */
export async function listProducts(
  env: PurchaseEnv,
  cursor: string | null,
  limit: number,
): Promise<Page<Product>> {
  const rows = await database(env)
    .select()
    .from(productTable)
    .where(cursor === null ? undefined : gt(productTable.productId, cursor))
    .orderBy(asc(productTable.productId))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    rows: page.map((row) => JSON.parse(row.body) as Product),
    cursor: last?.productId ?? null,
  };
}

/** One product; `null` when there is none of this id. */
export async function findProduct(env: PurchaseEnv, productId: string): Promise<Product | null> {
  const [row] = await database(env)
    .select()
    .from(productTable)
    .where(eq(productTable.productId, productId));
  return row ? (JSON.parse(row.body) as Product) : null;
}

/** Whether the database answers and has its tables. */
export async function databaseAnswers(env: PurchaseEnv): Promise<boolean> {
  const [row] = await database(env)
    .select({ one: sql<number>`1` })
    .from(productTable)
    .limit(1);
  return row === undefined || row.one === 1;
}
