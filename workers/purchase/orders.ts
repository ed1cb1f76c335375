import { and, desc, eq, isNotNull, sql, type SQL } from "drizzle-orm";
import { orders as orderTable } from "../../d1/schema.ts";
import type { OrderStatus } from "../../domain/purchase/hold.ts";
import type { OrderRow } from "../../domain/purchase/ledger.ts";
import type { PaymentState } from "../../domain/purchase/payment.ts";
import { database, readSession, WordedRead, words } from "./database.ts";
import { isBehind, pageOf, type Page, type Place } from "./page.ts";

/** Which orders an admin asks for. */
export interface OrderFilter {
  saleId: string | null;
  status: string | null;
}

/** Statuses that a shopper's order does not leave again … */
const FINAL_STATUSES: ReadonlySet<OrderStatus> = new Set([
  "CONFIRMED",
  "EXPIRED",
  "PAYMENT_FAILED",
  "CANCELLED",
  "REFUNDED",
]);

/** … once its payment has nothing open either. */
const OPEN_PAYMENT_STATES: ReadonlySet<string> = new Set<PaymentState>([
  "due",
  "action",
  "authorised",
  "voiding",
  "refunding",
]);

function isFinal({ status, paymentState }: OrderRow): boolean {
  return FINAL_STATUSES.has(status) && !OPEN_PAYMENT_STATES.has(paymentState ?? "");
}

const ORDER = new WordedRead(
  orderTable,
  words
    .select()
    .from(orderTable)
    .where(eq(orderTable.orderId, sql.placeholder("orderId"))),
);

/** An order, and where the projection answered how far it was read. */
export type FoundOrder = OrderRow & { bookmark?: string | null };

/**
 * The shopper's order. The projection answers for final orders; before that the writer does, since the
 * projection may be behind what the shopper was told already, and its replicas behind the projection: the primary
 * is asked. While the database is away, the writer answers for all.
 */
export async function findOrder(
  env: PurchaseEnv,
  sku: string,
  orderId: string,
  shopper: string,
): Promise<FoundOrder | null> {
  const session = readSession(env, null, "first-primary");
  const projected = await projectedOrder(session.env, orderId);
  if (projected && projected.shopper !== shopper) return null;
  if (projected && isFinal(projected)) return { ...projected, bookmark: session.bookmark() };
  const answer = await env.SKU.getByName(sku).order(orderId, shopper);
  return answer.ok ? answer.order : null;
}

async function projectedOrder(
  env: Pick<PurchaseEnv, "DB">,
  orderId: string,
): Promise<OrderRow | null> {
  try {
    const [row] = await ORDER.rows(env.DB, { orderId });
    return row ? toOrder(row) : null;
  } catch (error) {
    console.warn({ event: "order.database_failed", orderId, error: String(error) });
    return null;
  }
}

/** The shopper's orders, newest first. */
export function ordersOf(
  env: PurchaseEnv,
  shopper: string,
  cursor: string | null,
  limit: number,
): Promise<Page<OrderRow>> {
  return listOrders(env, [eq(orderTable.shopper, shopper)], cursor, limit);
}

/** All orders, newest first. */
export function allOrders(
  env: PurchaseEnv,
  { saleId, status }: OrderFilter,
  cursor: string | null,
  limit: number,
): Promise<Page<OrderRow>> {
  const conditions: SQL[] = [];
  if (saleId !== null) conditions.push(eq(orderTable.saleId, saleId));
  if (status !== null) conditions.push(eq(orderTable.status, status));
  return listOrders(env, conditions, cursor, limit);
}

/** Orders whose payments need a person, newest first; of all sales, or of one. */
export function ordersForAttention(
  env: PurchaseEnv,
  saleId: string | null,
  cursor: string | null,
  limit: number,
): Promise<Page<OrderRow>> {
  const conditions: SQL[] = [isNotNull(orderTable.paymentAttention)];
  if (saleId !== null) conditions.push(eq(orderTable.saleId, saleId));
  return listOrders(env, conditions, cursor, limit);
}

async function listOrders(
  env: PurchaseEnv,
  conditions: SQL[],
  cursor: string | null,
  limit: number,
): Promise<Page<OrderRow>> {
  const rows = await database(env)
    .select()
    .from(orderTable)
    .where(and(...conditions, isBehind(orderTable.createdAtMs, orderTable.orderId, cursor)))
    .orderBy(desc(orderTable.createdAtMs), desc(orderTable.orderId))
    .limit(limit + 1);
  const placeOf = ({ createdAtMs: at, orderId: name }: OrderRow): Place => ({ at, name });
  return pageOf(rows.map(toOrder), limit, placeOf);
}

function toOrder(row: typeof orderTable.$inferSelect): OrderRow {
  return { ...row, status: row.status as OrderStatus };
}
