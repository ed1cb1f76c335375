import { and, desc, eq, inArray, ne, sql } from "drizzle-orm";
import { saleItems, sales as saleTable } from "../../d1/schema.ts";
import type { CataloguedSale, NewSale } from "../../domain/catalogue.ts";
import { refuse, type Refusal } from "../../domain/problem.ts";
import {
  sharedLimits,
  type SaleCommand,
  type SaleControl,
  type SaleDefinition,
  type SaleItem,
} from "../../domain/purchase/sale.ts";
import type { SaleChanges } from "../../domain/purchase/sale-changes.ts";
import { NOBODY, type Actor } from "../../domain/books/actor.ts";
import { auditLogOf } from "./books/owners.ts";
import { findProduct } from "./catalogue.ts";
import { database, WordedRead, words } from "./database.ts";

/** Sales of one list; a shop with more than this looks at them by state. */
const SALES_MAX_ROWS = 100;

/** Pushes of one command to one item: an object that was reset answers the next one. */
const PUSHES_MAX = 3;

type SaleRow = typeof saleTable.$inferSelect;
type Created = { ok: true; sale: CataloguedSale };

/**
 * Creates a sale: its definition first, then its line and every item, and lists it when all have
 * answered. Each step can be repeated, so that a call that broke off is finished by the next one.
 */
export async function createSale(
  env: PurchaseEnv,
  sale: NewSale,
  by: Actor = NOBODY,
): Promise<Created | Refusal> {
  const stored = (await readSale(env, sale.saleId)) ?? (await defineSale(env, sale, by));
  if ("code" in stored) return stored;
  const { definition } = toSale(stored);
  if (stored.listed) return { ok: true, sale: toSale(stored) };

  const { saleId, perShopper, holdSeconds, queue, items } = definition;
  const levels = items.map(({ sku, stock }) => ({
    sku,
    stock,
    available: stock,
    held: 0,
    sold: 0,
  }));
  const sequencer = env.QUEUE_SEQUENCER.getByName(saleId);
  const opened = await sequencer.create({ saleId, queue }, toSale(stored).control, levels, by);
  if (!opened.ok) return opened;
  for (const { sku, salePrice: price, stock } of items) {
    const terms = { saleId, sku, price, perShopper, ...sharedLimits(definition), holdSeconds };
    const created = await env.SKU.getByName(sku).create(terms, opened.control, stock);
    if (!created.ok) return created;
  }
  await database(env)
    .update(saleTable)
    .set({ listed: true, control: JSON.stringify(opened.control) })
    .where(eq(saleTable.saleId, saleId));
  return { ok: true, sale: { definition, control: opened.control } };
}

/** Writes the definition of a new sale, not listed yet; the shop's chain tells of it first. */
async function defineSale(env: PurchaseEnv, sale: NewSale, by: Actor): Promise<SaleRow | Refusal> {
  const items = await describeItems(env, sale);
  if ("code" in items) return items;
  const { draft, startsAtMs, endsAtMs, items: _, ...terms } = sale;
  const definition: SaleDefinition = { ...terms, items };
  const control: SaleControl = { mode: draft ? "draft" : "open", startsAtMs, endsAtMs, version: 1 };
  const noted = await auditLogOf(env).record("sale_created", { definition, control }, by);
  if (!noted.ok) return noted;
  const { saleId } = sale;
  const row: SaleRow = {
    saleId,
    startsAtMs,
    definition: JSON.stringify(definition),
    control: JSON.stringify(control),
    listed: false,
  };
  const db = database(env);
  await db.batch([
    db.insert(saleTable).values(row).onConflictDoNothing(),
    db
      .insert(saleItems)
      .values(items.map(({ sku }) => ({ sku, saleId })))
      .onConflictDoNothing(),
  ]);
  return (await readSale(env, saleId)) ?? row;
}

/** Completes the items from their products; refused when a product is unknown or a SKU is taken. */
async function describeItems(env: PurchaseEnv, sale: NewSale): Promise<SaleItem[] | Refusal> {
  const skus = sale.items.map((item) => item.sku);
  const taken = await database(env)
    .select({ sku: saleItems.sku })
    .from(saleItems)
    .where(and(inArray(saleItems.sku, skus), ne(saleItems.saleId, sale.saleId)));
  const errors = [];
  const items: SaleItem[] = [];
  for (const [index, item] of sale.items.entries()) {
    if (taken.some((row) => row.sku === item.sku))
      errors.push({ path: `items.${index}.sku`, message: "This SKU belongs to another sale." });
    const product = await findProduct(env, item.productId);
    if (!product)
      errors.push({ path: `items.${index}.productId`, message: "There is no such product." });
    else if (product.price.currency !== item.salePrice.currency)
      errors.push({
        path: `items.${index}.salePrice.currency`,
        message: `The product is priced in ${product.price.currency}.`,
      });
    else items.push({ ...item, name: product.name, regularPrice: product.price });
  }
  return errors.length > 0 ? refuse("validation_failed", { errors }) : items;
}

/** Sales that are listed, newest start first. */
export async function listSales(env: PurchaseEnv): Promise<CataloguedSale[]> {
  const rows = await database(env)
    .select()
    .from(saleTable)
    .where(eq(saleTable.listed, true))
    .orderBy(desc(saleTable.startsAtMs), desc(saleTable.saleId))
    .limit(SALES_MAX_ROWS);
  return rows.map(toSale);
}

/** One sale; `null` when it does not exist or is not listed yet. */
export async function findSale(env: PurchaseEnv, saleId: string): Promise<CataloguedSale | null> {
  const row = await readSale(env, saleId);
  return row?.listed ? toSale(row) : null;
}

/**
 * Applies an admin's command at the sequencer, then spreads it. It is done when every item has
 * confirmed it: one that sleeps would go on selling after a pause. Until then the answer is `busy`, and
 * the same command may be sent again.
 */
export async function commandSale(
  env: PurchaseEnv,
  saleId: string,
  command: SaleCommand,
  by?: Actor,
): Promise<Created | Refusal> {
  const sale = await findSale(env, saleId);
  if (!sale) return refuse("not_found");
  const commanded = await env.QUEUE_SEQUENCER.getByName(saleId).command(command, by);
  return commanded.ok ? spread(env, sale, commanded.control) : commanded;
}

/**
 * Changes a sale's name, or moves its start or end, or schedules a draft: at the sequencer first, which
 * judges and notes it. It is done as a command is, when every item has confirmed it.
 */
export async function changeSale(
  env: PurchaseEnv,
  saleId: string,
  changes: SaleChanges,
  by: Actor,
): Promise<Created | Refusal> {
  const sale = await findSale(env, saleId);
  if (!sale) return refuse("not_found");
  const { name = sale.definition.name, ...times } = changes;
  const isRenamed = name !== sale.definition.name;
  const noted = isRenamed ? changes : times;
  const changed = await env.QUEUE_SEQUENCER.getByName(saleId).change(noted, by);
  if (!changed.ok) return changed;
  if (isRenamed) {
    const renaming = { saleId, name, before: sale.definition.name };
    const written = await auditLogOf(env).record("sale_renamed", renaming, by);
    if (!written.ok) return written;
    await rename(env, saleId, name);
  }
  const definition = { ...sale.definition, name };
  return spread(env, { ...sale, definition }, changed.control);
}

async function rename(env: PurchaseEnv, saleId: string, name: string): Promise<void> {
  await database(env)
    .update(saleTable)
    .set({ definition: sql`json_set(${saleTable.definition}, '$.name', ${name})` })
    .where(eq(saleTable.saleId, saleId));
}

/** Takes a place or its pass back: the line forgets it, and every item refuses its purchases. */
export async function revokePlace(
  env: PurchaseEnv,
  saleId: string,
  number: number,
  by: Actor,
): Promise<Created | Refusal> {
  const sale = await findSale(env, saleId);
  if (!sale) return refuse("not_found");
  const revoked = await env.QUEUE_SEQUENCER.getByName(saleId).revoke(number, by);
  return revoked.ok ? spread(env, sale, revoked.control) : revoked;
}

/** Pushes a control to the items and writes it down. */
async function spread(
  env: PurchaseEnv,
  { definition }: CataloguedSale,
  control: SaleControl,
): Promise<Created | Refusal> {
  const { saleId, items } = definition;
  const confirmed = await Promise.all(items.map(({ sku }) => pushControl(env, sku, control)));
  const stored = sql`json_extract(${saleTable.control}, '$.version')`;
  await database(env)
    .update(saleTable)
    .set({ control: JSON.stringify(control), startsAtMs: control.startsAtMs })
    .where(and(eq(saleTable.saleId, saleId), sql`${stored} < ${control.version}`));
  const silent = items.filter((_, index) => !confirmed[index]).map(({ sku }) => sku);
  if (silent.length > 0)
    return refuse("busy", {
      retryAfterSeconds: 1,
      detail: `Not confirmed yet by ${silent.join(", ")}. Repeat the command: it is applied once.`,
    });
  return { ok: true, sale: { definition, control } };
}

/** Tells one item of the sale's control; whether it has confirmed. */
async function pushControl(env: PurchaseEnv, sku: string, control: SaleControl): Promise<boolean> {
  for (let pushes = 0; pushes < PUSHES_MAX; pushes++) {
    try {
      const { ok } = await env.SKU.getByName(sku).applyControl(control);
      if (ok) return true;
    } catch (error) {
      console.warn({ event: "sale.push_failed", sku, error: String(error) });
    }
  }
  return false;
}

const SALE = new WordedRead(
  saleTable,
  words
    .select()
    .from(saleTable)
    .where(eq(saleTable.saleId, sql.placeholder("saleId"))),
);

async function readSale(env: PurchaseEnv, saleId: string): Promise<SaleRow | null> {
  const [row] = await SALE.rows(env.DB, { saleId });
  return row ?? null;
}

function toSale(row: SaleRow): CataloguedSale {
  return {
    definition: JSON.parse(row.definition) as SaleDefinition,
    control: JSON.parse(row.control) as SaleControl,
  };
}
