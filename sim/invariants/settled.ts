import { holdOf, type HoldRow } from "../../durable-objects/stored-hold.ts";
import type { DatabaseSync } from "node:sqlite";
import type { Hold } from "../../domain/purchase/hold.ts";
import { PAYMENT_STEPS } from "../../domain/purchase/payment.ts";
import type { SaleControl } from "../../domain/purchase/sale.ts";
import type { LineState } from "../../domain/queue/admission.ts";
import { SALE_ID, type World } from "../sale/world.ts";
import { unmirroredTrail } from "./chains.ts";
import { undelivered } from "./messages.ts";
import { numberIn } from "./shuffle.ts";
import { rowOf, rowsOf } from "./tables.ts";

interface ItemRow {
  control: string;
  stock: number;
  available: number;
  held: number;
  sold: number;
  sequence: number;
  projected_through: number;
  reported_through: number;
}

/**
 * What is still on its way, as a sentence; `null` once everything has settled: no hold is open, no
 * payment unknown, everybody knows everything, nobody is inside.
 */
export function unsettled(world: World): string | null {
  if (world.provider.noticesUnderWay > 0) return "a notice is on its way";
  const sequencer = world.host("QUEUE_SEQUENCER", SALE_ID).storage.database;
  const sale = rowOf<{ control: string; line: string }>(
    sequencer,
    "SELECT control, line FROM sale",
  );
  if (!sale) return "the line was never opened";
  const control = JSON.parse(sale.control) as SaleControl;
  for (const { sku } of world.plan.items) {
    const open = unsettledItem(world, sku, control);
    if (open !== null) return `${sku}: ${open}`;
  }
  const { inside } = JSON.parse(sale.line) as LineState;
  const nowMs = world.kernel.nowMs(world.host("QUEUE_SEQUENCER", SALE_ID).node);
  const hasEnded = control.mode === "ended" || nowMs >= control.endsAtMs;
  if (inside > 0 && !hasEnded) return `${inside} shoppers are still inside`;
  if (!hasEnded && hasLeftInLine(sequencer))
    return "somebody who left before a draw is in line by it";
  return (
    unsettledLanes(world) ?? unsettledMoney(world) ?? unmirroredTrail(world) ?? undelivered(world)
  );
}

/** Whether somebody who left before a draw was numbered by it, and the line has not yet written that they left. */
function hasLeftInLine(sequencer: DatabaseSync): boolean {
  const early = rowsOf<{ index: number }>(
    sequencer,
    'SELECT early_index AS "index" FROM early_departure',
  );
  return early.some(({ index }) => numberIn(sequencer, index) !== null);
}

function unsettledItem(world: World, sku: string, control: SaleControl): string | null {
  const item = world.host("SKU", sku).storage.database;
  const row = rowOf<ItemRow>(item, "SELECT * FROM item");
  if (!row) return "was never created";
  if (row.held > 0) return `${row.held} units are held`;
  for (const { orderId, suspicion } of holdsOf(world, sku))
    if (suspicion) return `${orderId} was never looked at: ${suspicion}`;
  for (const { orderId, payment } of holdsOf(world, sku))
    if (payment && PAYMENT_STEPS[payment.state] !== null)
      return `the payment of ${orderId} is ${payment.state}: ${payment.attention ?? "it is open"}`;
  const { sequence, projected_through: projected, reported_through: reported } = row;
  if (projected < sequence) return `projected through ${projected} of ${sequence}`;
  if (reported < sequence) return `reported through ${reported} of ${sequence}`;
  const heard = JSON.parse(row.control) as SaleControl;
  const isOver = world.kernel.nowMs(world.host("SKU", sku).node) >= heard.endsAtMs;
  // Nobody asks an item whose sale is over, by what it was told, so that it need not ask either.
  if (heard.version !== control.version && !(isOver && control.endsAtMs <= heard.endsAtMs))
    return "has not heard of the sale's control";
  return unprojected(world, sku, row) ?? unreported(world, sku, row);
}

/** The database says of an item and its orders what their writer says. */
function unprojected(world: World, sku: string, item: ItemRow): string | null {
  const { database } = world.database;
  const events = rowOf<{ count: number }>(
    database,
    "SELECT count(*) AS count FROM ledger_event WHERE sku = ?",
    sku,
  );
  if (events?.count !== item.sequence)
    return `the database has ${events?.count} of ${item.sequence} events`;
  const level = rowOf<ItemRow>(database, "SELECT * FROM stock_level WHERE sku = ?", sku);
  const { stock, available, held, sold } = item;
  if (!level || level.sold !== sold || level.available !== available || level.stock !== stock)
    return `the database has ${JSON.stringify(level)} for ${JSON.stringify({ stock, available, held, sold })}`;
  for (const hold of holdsOf(world, sku)) {
    const row = rowOf<{ status: string; version: number }>(
      database,
      "SELECT status, version FROM orders WHERE order_id = ?",
      hold.orderId,
    );
    if (row?.status !== hold.status || row.version !== hold.version)
      return `the database has ${JSON.stringify(row)} for ${hold.orderId}, which is ${hold.status}`;
  }
  return null;
}

/** The line knows the item's counters, and that those who bought are no longer inside. */
function unreported(world: World, sku: string, item: ItemRow): string | null {
  const sequencer = world.host("QUEUE_SEQUENCER", SALE_ID).storage.database;
  const level = rowOf<{ sequence: number }>(
    sequencer,
    "SELECT sequence FROM level WHERE sku = ?",
    sku,
  );
  if (level?.sequence !== item.sequence)
    return `the line has heard of ${level?.sequence} of ${item.sequence} events`;
  for (const { number, orderId, idempotencyKey } of holdsOf(world, sku)) {
    // An offer of the waiting list is no place in line.
    if (idempotencyKey === orderId) continue;
    const claim = rowOf<{ ended: string | null }>(
      sequencer,
      "SELECT ended FROM claim WHERE number = ?",
      number,
    );
    if (!claim || claim.ended === null) return `number ${number} bought and is still inside`;
  }
  return null;
}

function unsettledLanes(world: World): string | null {
  for (const host of world.hosts.values()) {
    if (!host.node.startsWith("lane/")) continue;
    const { database } = host.storage;
    const [pending] = rowsOf(database, "SELECT 1 FROM waiting");
    if (pending) return `${host.node} has a join without a number`;
    const [untold] = rowsOf(database, "SELECT number FROM place WHERE untold = 1");
    if (untold) return `${host.node} has a departure untold`;
  }
  return null;
}

/**
 * Every attempt that the provider knows of agrees with its order, and the money adds up: what was ever
 * captured is what confirmed card orders cost and what was refunded, with nothing in flight. Cash is
 * counted apart: no provider has heard of it.
 */
function unsettledMoney(world: World): string | null {
  const holds = new Map<string, Hold>();
  for (const { sku } of world.plan.items)
    for (const hold of holdsOf(world, sku)) holds.set(hold.orderId, hold);
  const money = { captured: 0, refunded: 0, sold: 0 };
  for (const [key, { state, amount }] of world.provider.books) {
    const [orderId = "", attempt] = key.split(":");
    const hold = holds.get(orderId);
    const isPaid = hold?.status === "CONFIRMED" && hold.payment?.attempt === Number(attempt);
    if (isPaid !== (state === "captured") || state === "authorised" || state === "action")
      return `${key} is ${state}, its order ${hold?.status}`;
    if (hold?.payment?.method === "cod" && hold.payment.attempt === Number(attempt))
      return `${key} is at the provider, and is to be paid on delivery`;
    if (state === "captured" || state === "refunded") money.captured += amount;
    if (state === "refunded") money.refunded += amount;
  }
  for (const { orderId, status, payment, total } of holds.values()) {
    if (status !== "CONFIRMED" || payment?.method === "cod") continue;
    if (!world.provider.books.has(`${orderId}:${payment?.attempt}`))
      return `${orderId} is confirmed and was never paid`;
    money.sold += total.amount;
  }
  return money.captured === money.sold + money.refunded
    ? null
    : `the money does not add up: ${JSON.stringify(money)}`;
}

/** Every hold of an item, as its writer has it. */
export function holdsOf(world: World, sku: string): Hold[] {
  const { database } = world.host("SKU", sku).storage;
  return rowsOf<HoldRow>(database, "SELECT * FROM hold ORDER BY order_id").map(holdOf);
}
