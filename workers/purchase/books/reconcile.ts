import { and, asc, eq, gt, lte, ne, sql } from "drizzle-orm";
import { reconciliations, saleItems } from "../../../d1/schema.ts";
import type { ChainRow } from "../../../domain/books/chain.ts";
import type { BooksFigures, Reconciliation } from "../../../domain/books/reconcile.ts";
import { differenceText } from "../../../domain/books/reconcile-text.ts";
import type { ItemFact } from "../../../domain/books/reconcile-rows.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { database } from "../database.ts";
import type { Page } from "../page.ts";
import { booksOf, type ProviderSetting } from "../providers/index.ts";
import type { ProviderBooks } from "../providers/provider.ts";
import { reportDifferences, type ReportEnv } from "./differences.ts";
import { ItemSource, type ItemChain } from "./item-source.ts";
import { readEvent } from "./reading.ts";
import { reconcileItem } from "./reconcile-item.ts";

/** What differs is read again after this: what was on its way between two reads has arrived. */
const SECOND_LOOK_MS = 1_000;
/** An item of a sale that runs is looked at this often. */
const INTERVAL_MS = 5 * 60 * 1000;
/** Items of one round of the cron, or of one call … */
const ROUND_MAX_ITEMS = 5;
/** … and once so many events were read, no other begins: an invocation has 1,000 queries of D1. */
const ROUND_MAX_EVENTS = 20_000;

/** The figures of an item that is being looked at for the first time. */
const NOT_YET = "{}";

/** The bindings that a reconciliation reads. */
export type ReconcileEnv = Pick<PurchaseEnv, "DB" | "SKU"> & ProviderSetting;

/** An item, and the sale that it belongs to. */
export interface ItemOfSale {
  sku: string;
  saleId: string;
}

/** What a test or the simulator has otherwise. */
export interface ReconcileOptions {
  /** The provider's books; `null` where they cannot be read. Left out: those of the provider in use. */
  provider?: ProviderBooks | null;
  secondLookMs?: number;
}

/** How an item came out the last time. */
export interface LastReconciliation extends ItemOfSale {
  atMs: number;
  throughSequence: number;
  differences: number;
  figures: BooksFigures;
}

/** Which items are asked for; without either all of them. */
export interface ReconcileFilter {
  saleId: string | null;
  sku: string | null;
}

/** Compares the books of one item, and writes nothing. */
export function reconcileSku(
  env: ReconcileEnv,
  runtime: Runtime,
  { sku, saleId }: ItemOfSale,
  { provider = booksOf(env), secondLookMs = SECOND_LOOK_MS }: ReconcileOptions = {},
): Promise<Reconciliation> {
  const chain: ItemChain = {
    async read(sequence) {
      const { rows, mirroredThrough = 0 } = await env.SKU.getByName(sku).chain(sequence);
      return { rows: rows.map(withEvent), mirroredThrough };
    },
  };
  return reconcileItem(sku, saleId, {
    chain,
    tables: new ItemSource(env, sku, provider),
    terms: { nowMs: runtime.now(), charges: provider?.table ?? null },
    pause: () => new Promise((resolve) => void runtime.setTimer(() => resolve(), secondLookMs)),
  });
}

function withEvent(row: ChainRow): ItemFact {
  return Object.assign(row, { event: readEvent(row) });
}

/** Compares the books of one item, and writes down how it came out; a difference comes before a person. */
export async function reconcileAndReport(
  env: ReconcileEnv & ReportEnv,
  runtime: Runtime,
  item: ItemOfSale,
  options?: ReconcileOptions,
): Promise<Reconciliation> {
  const result = await reconcileSku(env, runtime, item, options);
  const { sku, saleId, ok, throughSequence, figures, count } = result;
  const log = { event: "books.reconciled", sku, saleId, ok, differences: count, ...figures };
  const [first] = result.differences;
  if (ok) console.info(log);
  else console.error({ ...log, error: first && differenceText(first) });
  await reportDifferences(env, result, runtime.now());
  const db = database(env);
  const columns = { saleId, atMs: runtime.now(), throughSequence, differences: count };
  const written = { ...columns, figures: JSON.stringify(figures) };
  await db
    .insert(reconciliations)
    .values({ sku, ...written })
    .onConflictDoUpdate({
      target: reconciliations.sku,
      set: {
        ...written,
        // Clean twice with nothing in between: there is nothing to look for until something happens.
        figures: sql`json_set(${written.figures}, '$.isAtRest', json(CASE
          WHEN ${count + figures.unsettled} = 0 AND ${reconciliations.differences} = 0
            AND ${reconciliations.throughSequence} = ${throughSequence} THEN 'true' ELSE 'false' END))`,
      },
    });
  return result;
}

/** Reconciles the items that are due: those of sales that have begun, until they are over and at rest. */
export async function reconcileDue(env: ReconcileEnv & ReportEnv, runtime: Runtime): Promise<void> {
  let events = 0;
  for (const item of await itemsDue(env, runtime.now())) {
    if (events >= ROUND_MAX_EVENTS) return;
    try {
      if (!(await claim(env, item, runtime.now()))) continue;
      const { figures } = await reconcileAndReport(env, runtime, item);
      events += figures.events;
    } catch (error) {
      console.error({ event: "books.reconcile_failed", sku: item.sku, error: String(error) });
    }
  }
}

/** Whether this round may look at an item: a round takes longer than a minute where items are big. */
async function claim(
  env: Pick<PurchaseEnv, "DB">,
  { sku, saleId }: ItemOfSale,
  nowMs: number,
): Promise<boolean> {
  const rows = await database(env)
    .insert(reconciliations)
    .values({ sku, saleId, atMs: nowMs, throughSequence: 0, differences: 0, figures: NOT_YET })
    .onConflictDoUpdate({
      target: reconciliations.sku,
      set: { atMs: nowMs },
      setWhere: lte(reconciliations.atMs, nowMs - INTERVAL_MS),
    })
    .returning({ sku: reconciliations.sku });
  return rows.length > 0;
}

/** Items whose turn has come, those first that were never looked at or not for the longest. */
function itemsDue(env: Pick<PurchaseEnv, "DB">, nowMs: number): Promise<ItemOfSale[]> {
  return database(env).all<ItemOfSale>(sql`
    SELECT item.sku AS sku, item.sale_id AS saleId
    FROM sale_item AS item
    JOIN sale ON sale.sale_id = item.sale_id
    LEFT JOIN reconciliation AS last ON last.sku = item.sku
    LEFT JOIN stock_level AS level ON level.sku = item.sku
    WHERE sale.listed AND sale.starts_at_ms <= ${nowMs}
      AND (last.sku IS NULL OR last.at_ms <= ${nowMs - INTERVAL_MS} AND NOT (
        coalesce(last.figures ->> '$.isAtRest', 0)
        AND (sale.control ->> '$.mode' = 'ended' OR sale.control ->> '$.endsAtMs' <= ${nowMs})
        AND coalesce(level.sequence, 0) <= last.through_sequence))
    ORDER BY last.at_ms, item.sku
    LIMIT ${ROUND_MAX_ITEMS}`);
}

/** Reconciles the items that somebody asks for, some at a time. */
export async function reconcileAsked(
  env: ReconcileEnv & ReportEnv,
  runtime: Runtime,
  { saleId, sku }: ReconcileFilter,
  cursor: string | null,
  options?: ReconcileOptions,
): Promise<Page<Reconciliation>> {
  const found = await database(env)
    .select()
    .from(saleItems)
    .where(
      and(
        saleId === null ? undefined : eq(saleItems.saleId, saleId),
        sku === null ? undefined : eq(saleItems.sku, sku),
        cursor === null ? undefined : gt(saleItems.sku, cursor),
      ),
    )
    .orderBy(asc(saleItems.sku))
    .limit(ROUND_MAX_ITEMS + 1);
  const rows: Reconciliation[] = [];
  for (let events = 0; rows.length < ROUND_MAX_ITEMS && events < ROUND_MAX_EVENTS;) {
    const item = found[rows.length];
    if (!item) break;
    const result = await reconcileAndReport(env, runtime, item, options);
    rows.push(result);
    events += result.figures.events;
  }
  return { rows, cursor: rows.length < found.length ? (rows.at(-1)?.sku ?? null) : null };
}

/** How the items of a sale came out the last time; none for one that was never looked at. */
export async function lastReconciliations(
  env: Pick<PurchaseEnv, "DB">,
  saleId: string,
): Promise<LastReconciliation[]> {
  const rows = await database(env)
    .select({ row: reconciliations })
    .from(saleItems)
    .innerJoin(reconciliations, eq(reconciliations.sku, saleItems.sku))
    .where(and(eq(saleItems.saleId, saleId), ne(reconciliations.figures, NOT_YET)))
    .orderBy(asc(saleItems.sku));
  return rows.map(({ row: { figures, ...row } }) =>
    Object.assign(row, { figures: JSON.parse(figures) as BooksFigures }),
  );
}
