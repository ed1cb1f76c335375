import { SHOP_ACTOR, type Doer } from "../domain/books/actor.ts";
import { GENESIS_HASH } from "../domain/books/chain.ts";
import { countedMeans, type CheckoutCounts } from "../domain/purchase/checkout-limits.ts";
import {
  BOUGHT_STATUSES,
  COUNTED_STATUSES,
  PAID_STATUSES,
  asksAtMs,
  lapsesAtMs,
  type Hold,
  type HoldChange,
  type OrderStatus,
} from "../domain/purchase/hold.ts";
import { orderRow } from "../domain/purchase/ledger.ts";
import type { Payment } from "../domain/purchase/payment.ts";
import type { SaleControl, SharedLimits, StockLevel } from "../domain/purchase/sale.ts";
import { NO_UNITS, type ShopperUnits } from "../domain/purchase/shopper-units.ts";
import type { CheckoutCommand, Item } from "../domain/purchase/stock.ts";
import { LedgerStore, type Fact } from "./ledger-store.ts";
import { migrate } from "./migrate.ts";
import { insertRows } from "./insert-rows.ts";
import { ParsedText } from "./parsed-text.ts";
import { HoldFinder, IS_OF_ORDER, IS_OF_SHOPPER } from "./hold-finder.ts";
import { bodyOf, HOLD_COLUMNS, holdOf, type HoldRow } from "./stored-hold.ts";
import { endsOf, IS_OFFER, NEW_HOLD_COLUMNS, SKU_MIGRATIONS } from "./sku-tables.ts";

interface ItemRow extends Record<string, SqlStorageValue> {
  terms: string;
  control: string;
  stock: number;
  available: number;
  held: number;
  sold: number;
  sequence: number;
  head_hash: string;
  sold_out_at_ms: number | null;
  projected_through: number;
  reported_through: number;
  waiting: number;
  list_version: number;
}

/** The terms of an item that never change. */
export type ItemTerms = Pick<
  Item,
  "saleId" | "sku" | "price" | "perShopper" | keyof SharedLimits | "holdSeconds"
>;

/** What is written in the ledger and moves no unit. */
export type LedgerNote = { quantity: number; reason?: string } & (
  | { type: "list_joined" | "list_left"; number: number }
  | { type: "refused"; refusals: Record<string, number> }
);

/** Units of one shopper, network, card or postal address in one status. */
export interface UnitsRow extends Record<string, SqlStorageValue> {
  of: string;
  status: OrderStatus;
  units: number;
}

/** The item with the marks of its outbox: how far each consumer has acknowledged the ledger. */
export interface StoredItem extends Item {
  sequence: number;
  soldOutAtMs: number | null;
  projectedThrough: number;
  reportedThrough: number;
  /** Grows whenever somebody begins or ceases to wait: not all of that is in the ledger. */
  listVersion: number;
}

/**
 * The rows of one item. Every write of a change happens in the caller's transaction: hold, ledger and
 * counters together.
 */
export class SkuStore {
  readonly ledger: LedgerStore;
  readonly finder: HoldFinder;
  readonly #sql: SqlStorage;
  readonly #terms = new ParsedText<ItemTerms>();
  readonly #control = new ParsedText<SaleControl>();
  /** Whether units came free, or the sale began to take holds again, since somebody asked. */
  #hasFreed = false;

  /** @param freshMax holds that are found by memory alone (see `HoldFinder`). */
  constructor(storage: DurableObjectStorage, freshMax?: number) {
    migrate(storage, SKU_MIGRATIONS);
    this.#sql = storage.sql;
    this.finder = new HoldFinder(storage, freshMax);
    this.ledger = new LedgerStore(storage);
  }

  /** The item, or `null` before it is created. */
  item(): StoredItem | null {
    const [row] = this.#sql.exec<ItemRow>("SELECT * FROM item").toArray();
    if (!row) return null;
    const terms = this.#terms.of(row.terms);
    const { stock, available, held, sold, waiting } = row;
    const least = waiting > 0 && available > 0 ? this.#leastWaitedFor() : null;
    return {
      ...terms,
      control: this.#control.of(row.control),
      level: { sku: terms.sku, stock, available, held, sold },
      waiting: { count: waiting, least },
      sequence: row.sequence,
      soldOutAtMs: row.sold_out_at_ms,
      projectedThrough: row.projected_through,
      reportedThrough: row.reported_through,
      listVersion: row.list_version,
    };
  }

  #leastWaitedFor(): number | null {
    return this.#sql
      .exec<{ least: number | null }>(
        "SELECT min(quantity) AS least FROM waitlist WHERE state = 'waiting'",
      )
      .one().least;
  }

  /** Whether somebody who waits may be served now that could not before; asked once, in the same transaction. */
  takeFreed(): boolean {
    const hasFreed = this.#hasFreed;
    this.#hasFreed = false;
    return hasFreed;
  }

  create(terms: ItemTerms, control: SaleControl, stock: number, nowMs: number): void {
    this.#sql.exec(
      `INSERT INTO item (id, terms, control, stock, available, held, sold, sequence, head_hash)
       VALUES (1, ?, ?, ?, ?, 0, 0, 0, ?)`,
      JSON.stringify(terms),
      JSON.stringify(control),
      stock,
      stock,
      GENESIS_HASH,
    );
    const level = { sku: terms.sku, stock, available: stock, held: 0, sold: 0 };
    const fact = { type: "created" as const, quantity: stock, level, order: null, reason: null };
    this.#append([{ ...fact, actor: SHOP_ACTOR }], nowMs);
  }

  writeControl(control: SaleControl): void {
    this.#hasFreed = true;
    this.#sql.exec("UPDATE item SET control = ?", JSON.stringify(control));
  }

  hold(orderId: string): Hold | null {
    const [hold] = this.#holds(`WHERE ${IS_OF_ORDER}`, orderId, this.finder.ofOrder(orderId));
    return hold ?? null;
  }

  holdByKey(shopper: string, idempotencyKey: string): Hold | null {
    const isOfKey = `WHERE ${IS_OF_SHOPPER} AND idempotency_key = ?3`;
    const [hold] = this.#holds(isOfKey, shopper, this.finder.ofShoppers([shopper]), idempotencyKey);
    return hold ?? null;
  }

  /** Units that count against the shopper's limit. */
  unitsOf(shopper: string): ShopperUnits {
    return this.#units("shopper", shopper);
  }

  /** Units that count against the limit of a network; none for `null`. */
  unitsOfAddress(address: string | null): ShopperUnits {
    return address === null ? NO_UNITS : this.#units("address", address);
  }

  /** What a checkout is judged by: the limits of the item, and what others count. Its own order is not paid yet. */
  countsOf(
    item: StoredItem,
    { paymentMethod = "card", ...given }: CheckoutCommand,
  ): CheckoutCounts {
    const { card, postalAddress } = countedMeans(item, paymentMethod, given);
    const units = (column: "card" | "postal_address", value: string | undefined): ShopperUnits =>
      value === undefined ? NO_UNITS : this.#units(column, value, PAID_STATUSES);
    return {
      limits: item,
      ofCard: units("card", card),
      ofPostalAddress: units("postal_address", postalAddress),
    };
  }

  #units(
    column: "shopper" | "address" | "card" | "postal_address",
    value: string,
    counted: readonly OrderStatus[] = COUNTED_STATUSES,
  ): ShopperUnits {
    const isTheirs = column === "shopper" ? IS_OF_SHOPPER : `${column} = ?1`;
    const fresh = column === "shopper" ? [this.finder.ofShoppers([value])] : [];
    const rows = this.#sql.exec<UnitsRow>(
      `SELECT ${column} AS "of", status, sum(quantity) AS units FROM hold
       WHERE ${isTheirs} GROUP BY status`,
      value,
      ...fresh,
    );
    return unitsIn(rows.toArray(), counted);
  }

  /** The units of each of these shoppers, all by one look; who has none is missing. */
  unitsOfAll(shoppers: readonly string[]): UnitsRow[] {
    return this.#sql
      .exec<UnitsRow>(
        `SELECT shopper AS "of", status, quantity AS units FROM json_each(?1) AS asked
         CROSS JOIN hold_of_shopper AS found ON found.ends = ${endsOf("asked.value")}
         CROSS JOIN hold ON hold.id = found.hold AND hold.shopper = asked.value
         UNION ALL
         SELECT shopper, status, quantity FROM json_each(?2) AS fresh
         CROSS JOIN hold ON hold.id = fresh.value`,
        JSON.stringify(shoppers),
        this.finder.ofShoppers(shoppers),
      )
      .toArray();
  }

  /** Writes one change of one hold: its row, the ledger, the counters. */
  writeChange(saleId: string, change: HoldChange, by: Doer, nowMs: number): void {
    this.writeChanges(saleId, [{ change, by }], nowMs);
  }

  /** Writes changes in their order: the rows of their holds, the ledger, the counters after the last. */
  writeChanges(
    saleId: string,
    changes: readonly { change: HoldChange; by: Doer }[],
    nowMs: number,
  ): void {
    this.#insertHolds(changes.flatMap(({ change: { hold } }) => (isNew(hold) ? [hold] : [])));
    const facts = changes.map(({ change, by }): Fact => {
      const { hold, level, type, reason = null } = change;
      if (!isNew(hold)) this.#updateHold(hold);
      const order = orderRow(saleId, level.sku, hold);
      const ofPurchase = hold.traceparent === undefined ? {} : { traceparent: hold.traceparent };
      return { ...ofPurchase, ...by, type, quantity: hold.quantity, level, order, reason };
    });
    if (facts.length > 0) this.#append(facts, nowMs);
  }

  /** Writes new holds of an item: all, or none when it throws. What it does without is a savepoint: a copy of every page. */
  writePurchases(
    { saleId, sequence }: Pick<StoredItem, "saleId" | "sequence">,
    changes: readonly { change: HoldChange; by: Doer }[],
    nowMs: number,
  ): void {
    const last = this.#lastHold();
    try {
      this.writeChanges(saleId, changes, nowMs);
    } catch (error) {
      // The item's row is written last, so that it still says what it said.
      this.#sql.exec("DELETE FROM hold WHERE id > ?", last);
      this.#sql.exec("DELETE FROM ledger WHERE sequence > ?", sequence);
      throw error;
    }
  }

  /** Writes a payment's new schedule: no fact of the ledger. */
  writePayment(hold: Hold, payment: Payment): void {
    this.#updateHold({ ...hold, payment });
  }

  writeRestock(
    quantity: number,
    level: StockLevel,
    reason: string,
    commandId: string,
    by: Doer,
    nowMs: number,
  ): void {
    const fact = { type: "restocked" as const, quantity, level, order: null, reason };
    this.#append([{ ...by, ...fact }], nowMs, commandId);
  }

  /** Writes down what moves no unit: who waits, and how many were refused. */
  writeNote(note: LedgerNote, by: Doer, nowMs: number): void {
    const item = this.item();
    if (item)
      this.#append([{ reason: null, ...by, ...note, level: item.level, order: null }], nowMs);
  }

  /** Holds whose time is over, oldest first. */
  lapsing(nowMs: number, limit: number): Hold[] {
    return this.#holds("WHERE lapses_at_ms <= ? ORDER BY lapses_at_ms LIMIT +?", nowMs, limit);
  }

  /** The numbers of open offers that are not being paid, newest first. */
  openOffers(limit: number): number[] {
    return this.#sql
      .exec<{ number: number }>(
        `SELECT body ->> '$.number' AS number FROM hold
         WHERE ${IS_OFFER} AND status = 'RESERVED'
         ORDER BY lapses_at_ms DESC, order_id LIMIT +?`,
        limit,
      )
      .toArray()
      .map((row) => row.number);
  }

  /** Holds whose payment the provider has to be asked about, longest due first. */
  asking(nowMs: number, limit: number): Hold[] {
    return this.#holds("WHERE asks_at_ms <= ? ORDER BY asks_at_ms LIMIT +?", nowMs, limit);
  }

  /** When the alarm is needed next; `null` when never. */
  nextDueAtMs(): number | null {
    const { lapses, asks } = this.#sql
      .exec<{ lapses: number | null; asks: number | null }>(
        `SELECT (SELECT min(lapses_at_ms) FROM hold WHERE lapses_at_ms IS NOT NULL) AS lapses,
                (SELECT min(asks_at_ms) FROM hold WHERE asks_at_ms IS NOT NULL) AS asks`,
      )
      .one();
    return lapses === null || asks === null ? (lapses ?? asks) : Math.min(lapses, asks);
  }

  #holds(which: string, ...values: SqlStorageValue[]): Hold[] {
    return this.#sql
      .exec<HoldRow>(`SELECT ${HOLD_COLUMNS} FROM hold ${which}`, ...values)
      .toArray()
      .map(holdOf);
  }

  #insertHolds(holds: readonly Hold[]): void {
    if (holds.length === 0) return;
    const last = this.#lastHold();
    const rows = holds.map((hold, index) => [
      last + 1 + index,
      hold.orderId,
      hold.shopper,
      hold.idempotencyKey,
      hold.status,
      hold.quantity,
      lapsesAtMs(hold),
      bodyOf(hold),
      hold.address ?? null,
    ]);
    insertRows(this.#sql, "hold", NEW_HOLD_COLUMNS, rows);
    for (const [index, hold] of holds.entries()) this.finder.add(last + 1 + index, hold);
  }

  #lastHold(): number {
    return this.#sql.exec<{ last: number }>("SELECT coalesce(max(id), 0) AS last FROM hold").one()
      .last;
  }

  #updateHold(hold: Hold): void {
    this.#sql.exec(
      `UPDATE hold SET status = ?3, lapses_at_ms = ?4, asks_at_ms = ?5, body = ?6, card = ?7,
         postal_address = ?8
       WHERE ${IS_OF_ORDER}`,
      hold.orderId,
      this.finder.ofOrder(hold.orderId),
      hold.status,
      lapsesAtMs(hold),
      asksAtMs(hold),
      bodyOf(hold),
      hold.card ?? null,
      hold.postalAddress ?? null,
    );
  }

  #append(facts: readonly Fact[], nowMs: number, commandId?: string): void {
    if (this.ledger.append(facts, nowMs, commandId)) this.#hasFreed = true;
  }
}

/** Whatever happens to a hold raises its version: the first is what it is made with. */
function isNew({ version }: Hold): boolean {
  return version === 1;
}

/** Adds up what counts against a limit. */
export function unitsIn(
  rows: readonly UnitsRow[],
  counted: readonly OrderStatus[] = COUNTED_STATUSES,
): ShopperUnits {
  const units = { held: 0, bought: 0 };
  for (const row of rows) {
    if (!counted.includes(row.status)) continue;
    if (BOUGHT_STATUSES.includes(row.status)) units.bought += row.units;
    else units.held += row.units;
  }
  return units;
}
