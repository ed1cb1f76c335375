import type { Hold, HoldChange } from "../domain/purchase/hold.ts";
import { lapse } from "../domain/purchase/stock.ts";
import type { SkuStore, StoredItem } from "./sku-store.ts";

/** Holds that time settles in one transaction. */
const LAPSE_MAX_HOLDS = 200;

/** An order with its item, as time has left them. */
export interface CurrentOrder {
  item: StoredItem;
  hold: Hold;
}

/**
 * The orders of an item as time has left them, and the one place where a change of one is written.
 * Everything here belongs into a transaction.
 */
export class SkuOrders {
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
}
