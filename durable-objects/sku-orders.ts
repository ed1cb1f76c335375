import { refuse, type Refusal } from "../domain/problem.ts";
import type { Hold, HoldChange } from "../domain/purchase/hold.ts";
import { orderRow, type OrderRow } from "../domain/purchase/ledger.ts";
import { lapse, type Decision } from "../domain/purchase/stock.ts";
import { Calls } from "./calls.ts";
import type { SkuStore, StoredItem } from "./sku-store.ts";

/** Holds that time settles in one transaction. */
const LAPSE_MAX_HOLDS = 200;

/** An order with its item, as time has left them. */
export interface CurrentOrder {
  item: StoredItem;
  hold: Hold;
}

/** The answer to a command about an order. */
export interface OrderAnswer {
  ok: true;
  order: OrderRow;
}

/**
 * The orders of an item as time has left them, and the one place where a change of one is written.
 * Everything here belongs into a transaction.
 */
export class SkuOrders {
  readonly refusals = new Calls();
  readonly #store: SkuStore;
  /** An item belongs to one sale for ever: a purchase does not read it again. */
  #saleId: string | null = null;

  constructor(store: SkuStore) {
    this.#store = store;
  }

  /** The item; there is one as soon as there are holds. */
  item(): StoredItem {
    const item = this.#store.item();
    if (!item) throw new Error("There are holds of an item that was never created.");
    return item;
  }

  /** An order with its item: the sweep takes a bounded number of holds and may have left this one. */
  current(orderId: string, nowMs: number): CurrentOrder | null {
    const hold = this.#store.hold(orderId);
    if (!hold) return null;
    const item = this.item();
    const late = lapse(hold, item.level, nowMs);
    if (!late) return { item, hold };
    this.write(late, nowMs);
    return { item: this.item(), hold: late.hold };
  }

  /** Expiry is judged before anything else in a transaction; the alarm only sweeps. */
  lapseDue(nowMs: number): void {
    for (const hold of this.#store.lapsing(nowMs, LAPSE_MAX_HOLDS)) {
      const change = lapse(hold, this.item().level, nowMs);
      if (change) this.write(change, nowMs);
    }
  }

  write(change: HoldChange, nowMs: number): void {
    this.#saleId ??= this.item().saleId;
    this.#store.writeChange(this.#saleId, change, nowMs);
  }

  /** Writes what was decided, once: the hold after it. */
  settle(decision: Decision, nowMs: number): { ok: true; hold: Hold } | Refusal {
    if (!decision.ok) {
      this.refusals.count(decision.code);
      return decision;
    }
    if (decision.repeat) return decision;
    this.write(decision.change, nowMs);
    return { ok: true, hold: decision.change.hold };
  }

  /** Decides about an order and writes it; `not_found` where there is none, or it is not this shopper's. */
  decide(
    orderId: string,
    shopper: string | null,
    nowMs: number,
    decide: (hold: Hold, item: StoredItem) => Decision,
  ): OrderAnswer | Refusal {
    const current = this.current(orderId, nowMs);
    if (!current || (shopper !== null && current.hold.shopper !== shopper))
      return refuse("not_found");
    const { item } = current;
    const settled = this.settle(decide(current.hold, item), nowMs);
    if (!settled.ok) return settled;
    return { ok: true, order: orderRow(item.saleId, item.sku, settled.hold) };
  }
}
