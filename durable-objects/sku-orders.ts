import { CLOCK_ACTOR, shopperActor, type Doer, type Origin } from "../domain/books/actor.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import type { Hold, HoldChange } from "../domain/purchase/hold.ts";
import { orderRow, type OrderRow } from "../domain/purchase/ledger.ts";
import { lapse, type Decision } from "../domain/purchase/stock.ts";
import type { SkuRefusals } from "./sku-refusals.ts";
import type { SkuStore, StoredItem } from "./sku-store.ts";

/** Nobody does it but time. */
const BY_CLOCK: Doer = { actor: CLOCK_ACTOR };
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
  readonly #store: SkuStore;
  readonly #refusals: SkuRefusals;
  /** An item belongs to one sale for ever: a purchase does not read it again. */
  #saleId: string | null = null;

  constructor(store: SkuStore, refusals: SkuRefusals) {
    this.#store = store;
    this.#refusals = refusals;
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
    this.write(late, BY_CLOCK, nowMs);
    return { item: this.item(), hold: late.hold };
  }

  /** Expiry is judged before anything else in a transaction; the alarm only sweeps. */
  lapseDue(nowMs: number): void {
    for (const hold of this.#store.lapsing(nowMs, LAPSE_MAX_HOLDS)) {
      const change = lapse(hold, this.item().level, nowMs);
      if (change) this.write(change, BY_CLOCK, nowMs);
    }
  }

  write(change: HoldChange, by: Doer, nowMs: number): void {
    this.#saleId ??= this.item().saleId;
    this.#store.writeChange(this.#saleId, change, by, nowMs);
  }

  /** Writes what was decided, once: the hold after it. */
  settle(decision: Decision, by: Doer, nowMs: number): { ok: true; hold: Hold } | Refusal {
    if (!decision.ok) {
      this.#refusals.count(decision.code);
      return decision;
    }
    if (decision.repeat) return decision;
    this.write(decision.change, by, nowMs);
    return { ok: true, hold: decision.change.hold };
  }

  /** Decides about the shopper's own order; `not_found` where there is none, or it is another's. */
  decideAs(
    shopper: string,
    from: Origin | undefined,
    orderId: string,
    nowMs: number,
    decide: (hold: Hold, item: StoredItem) => Decision,
  ): OrderAnswer | Refusal {
    const current = this.current(orderId, nowMs);
    if (current?.hold.shopper !== shopper) return refuse("not_found");
    return this.#answer(current, decide, { ...from, actor: shopperActor(shopper) }, nowMs);
  }

  /** Decides about anybody's order. */
  decideFor(
    by: Doer,
    orderId: string,
    nowMs: number,
    decide: (hold: Hold, item: StoredItem) => Decision,
  ): OrderAnswer | Refusal {
    const current = this.current(orderId, nowMs);
    return current ? this.#answer(current, decide, by, nowMs) : refuse("not_found");
  }

  #answer(
    { item, hold }: CurrentOrder,
    decide: (hold: Hold, item: StoredItem) => Decision,
    by: Doer,
    nowMs: number,
  ): OrderAnswer | Refusal {
    const settled = this.settle(decide(hold, item), by, nowMs);
    if (!settled.ok) return settled;
    return { ok: true, order: orderRow(item.saleId, item.sku, settled.hold) };
  }
}
