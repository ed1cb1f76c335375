import type { DatabaseSync } from "node:sqlite";
import type { SaleControl } from "../../domain/purchase/sale.ts";
import { PRICE } from "../plan/plan.ts";
import { WorkerCaller } from "../platform/worker.ts";
import type { Witness } from "../sale/witness.ts";
import { SALE_ID, type World } from "../sale/world.ts";
import type { Violate } from "./item.ts";
import { checkDrawn, numberIn } from "./shuffle.ts";
import { holdsOf } from "./settled.ts";
import { rowOf } from "./tables.ts";

/** Everything that anybody was told is there at the end, and is what they were told. */
export function checkTold(world: World, witness: Witness, violate: Violate): void {
  checkPlaces(world, witness, violate);
  const holds = new Map(
    world.plan.items.flatMap(({ sku }) =>
      holdsOf(world, sku).map((hold) => [hold.orderId, hold] as const),
    ),
  );
  for (const { answer, command } of witness.holds.values()) {
    const hold = holds.get(answer.orderId);
    if (!hold || hold.shopper !== command.shopper || hold.quantity !== command.quantity)
      violate("told.hold", `${JSON.stringify(answer)} is not there`);
  }
  for (const { orderId, command } of witness.checkouts.values())
    if (!holds.get(orderId)?.checkouts.some((entry) => entry.bodyHash === command.bodyHash))
      violate("told.checkout", `${orderId} has no checkout ${command.idempotencyKey}`);
  for (const [orderId, told] of witness.orders) {
    const hold = holds.get(orderId);
    if (!hold || hold.version < told.version)
      violate("told.order", `${JSON.stringify(told)} against version ${hold?.version}`);
  }
  for (const orderId of witness.refunds) {
    const { status } = holds.get(orderId) ?? {};
    if (status !== "REFUNDED" && status !== "CANCELLED")
      violate("told.refund", `${orderId} was to be refunded and is ${status}`);
  }
  for (const [orderId, { sku, shopper, quantity }] of witness.offers) {
    const hold = holds.get(orderId);
    const isOffer = hold?.idempotencyKey === orderId && hold.quantity === quantity;
    if (!isOffer || hold.shopper !== shopper || !isInLedger(world, sku, orderId))
      violate("told.offer", `${orderId} was offered to ${shopper}, and is ${JSON.stringify(hold)}`);
  }
  for (const { sku, commandId, quantity } of witness.restocks) {
    const row = rowOf<{ event: string }>(
      world.host("SKU", sku).storage.database,
      "SELECT event FROM ledger WHERE command_id = ?",
      commandId,
    );
    const event = row && (JSON.parse(row.event) as { quantity: number });
    if (event?.quantity !== quantity)
      violate("told.restock", `${commandId} of ${quantity} is gone`);
  }
}

/** The sale and its product are called and priced as staff was told last; what was bought costs what it did. */
export function checkCatalogue(world: World, { name, price }: Witness, violate: Violate): void {
  const { database } = world.database;
  const sale = rowOf<{ name: string }>(
    database,
    "SELECT definition ->> '$.name' AS name FROM sale WHERE listed",
  );
  if (name !== null && sale?.name !== name)
    violate("told.name", `${name} was told, and the sale is called ${sale?.name}`);
  const product = rowOf<{ amount: number }>(
    database,
    "SELECT body ->> '$.price.amount' AS amount FROM product",
  );
  if (price !== null && product?.amount !== price)
    violate("told.price", `${price} was told, and the product costs ${product?.amount}`);
  for (const { sku } of world.plan.items)
    for (const { orderId, quantity, total } of holdsOf(world, sku))
      if (total.amount !== quantity * PRICE.amount)
        violate("told.price", `${orderId} costs ${total.amount} for ${quantity}`);
}

/** Sends everything that was accepted once more: each answer has to be the first one again. */
export async function askAgain(world: World, witness: Witness, violate: Violate): Promise<void> {
  const skus = world.skus(new WorkerCaller(world.kernel, "auditor"));
  for (const [key, { sku, command, answer }] of witness.holds) {
    const again = await skus.getByName(sku).reserve({ ...command, orderId: `${sku}.again` });
    if (JSON.stringify(again) !== JSON.stringify(answer))
      violate("key.same_bytes", `${key} at the end: ${JSON.stringify([answer, again])}`);
  }
  for (const [key, { sku, orderId, shopper, command }] of witness.checkouts) {
    const again = await skus.getByName(sku).checkout(orderId, shopper, command);
    if (!again.ok) violate("key.same_bytes", `${key} was accepted, at the end ${again.code}`);
  }
}

/** Whether the ledger says once that this order was an offer. */
function isInLedger(world: World, sku: string, orderId: string): boolean {
  const { database } = world.host("SKU", sku).storage;
  const offered = rowOf<{ count: number }>(
    database,
    `SELECT count(*) AS count FROM ledger
     WHERE type = 'offered' AND event ->> '$.order.orderId' = ?`,
    orderId,
  );
  return offered?.count === 1;
}

function checkPlaces(world: World, witness: Witness, violate: Violate): void {
  const sequencer = world.host("QUEUE_SEQUENCER", SALE_ID).storage.database;
  for (const numbers of witness.indexes.values())
    for (const number of numbers)
      if (!rowOf(sequencer, "SELECT number FROM place WHERE number = ?", number))
        violate("told.place", `number ${number} is gone`);
  checkDrawn(sequencer, witness, violate);
  for (const index of witness.departed) {
    // Who left a sale before its start has no number if it ended before that as well.
    const number = numberIn(sequencer, index);
    if (number === null || isNoted(world, sequencer, index)) continue;
    const claim = rowOf<{ ended: string | null }>(
      sequencer,
      "SELECT ended FROM claim WHERE number = ?",
      number,
    );
    if (!claim || claim.ended === null) violate("told.left", `number ${number} is still in line`);
  }
}

/** A sale that ended right at a draw has no more ticks to move a departure from before it. */
function isNoted(world: World, sequencer: DatabaseSync, index: number): boolean {
  const sale = rowOf<{ control: string }>(sequencer, "SELECT control FROM sale");
  const { mode, endsAtMs = Infinity } = JSON.parse(sale?.control ?? "{}") as Partial<SaleControl>;
  const nowMs = world.kernel.nowMs(world.host("QUEUE_SEQUENCER", SALE_ID).node);
  const noted = rowOf(
    sequencer,
    "SELECT early_index FROM early_departure WHERE early_index = ?",
    index,
  );
  return (mode === "ended" || nowMs >= endsAtMs) && noted !== undefined;
}
