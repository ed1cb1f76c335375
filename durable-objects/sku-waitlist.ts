import { shopperActor, WAITLIST_ACTOR, type Doer, type Origin } from "../domain/books/actor.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import { countedAddress, isOwed } from "../domain/purchase/stock.ts";
import {
  joinWaitlist,
  leaveWaitlist,
  mayOffer,
  offerExpiresAtMs,
  offerTo,
  standing,
  type PlaceState,
  type WaitlistCommand,
  type WaitlistEntry,
} from "../domain/purchase/waitlist.ts";
import type { SkuOrders } from "./sku-orders.ts";
import type { SkuStore, StoredItem } from "./sku-store.ts";
import { WaitlistStore, type WaitlistCounts } from "./waitlist-store.ts";

/** Offers made in one transaction, each some ten rows; the alarm makes the rest, and nobody overtakes meanwhile. */
const OFFERS_MAX = 500;

const BY_WAITLIST: Doer = { actor: WAITLIST_ACTOR };
/** Why somebody gets no offer whose turn it is. */
const MAY_NOT_HAVE_IT = "the place was taken back, or has all the units that it may have";

/** Where a shopper stands on the list of an item. */
export interface WaitlistPlace {
  state: PlaceState;
  /** 1 is next; `null` unless waiting. */
  position: number | null;
  number: number;
  quantity: number;
  /** The order that an offer is. */
  orderId: string | null;
  /** `null` unless an offer is open. */
  offerExpiresAtMs: number | null;
}

export interface WaitlistAnswer {
  ok: true;
  /** The shopper was not on the list before. */
  isNew: boolean;
  place: WaitlistPlace;
}

/** The waiting list of an item: who is on it, and what is offered to them. Everything belongs into a transaction. */
export class SkuWaitlist {
  readonly #store: SkuStore;
  readonly #orders: SkuOrders;
  readonly #entries: WaitlistStore;

  constructor(storage: DurableObjectStorage, store: SkuStore, orders: SkuOrders) {
    this.#store = store;
    this.#orders = orders;
    this.#entries = new WaitlistStore(storage);
  }

  /** Puts a shopper on the list, or says where they stand. */
  join(command: WaitlistCommand, nowMs: number): WaitlistAnswer | Refusal {
    const { shopper } = command;
    const earlier = this.#entries.entry(shopper);
    const offer = earlier && (this.#orders.current(earlier.orderId, nowMs)?.hold ?? null);
    const item = this.#store.item();
    if (!item) return refuse("not_found");
    const [units, ofAddress] = this.#unitsOf(item, command);
    const joined = joinWaitlist(item, earlier, offer, units, ofAddress, command, nowMs);
    if (!joined.ok) return joined;
    const { entry, isNew } = joined;
    if (entry !== earlier) {
      this.#entries.write(entry, earlier);
      this.#note("list_joined", entry, { ...command.from, actor: shopperActor(shopper) }, nowMs);
      this.offer(nowMs);
    }
    return this.#answer(shopper, isNew, nowMs);
  }

  /** Where a shopper stands. */
  place(shopper: string, nowMs: number): WaitlistAnswer | Refusal {
    return this.#answer(shopper, false, nowMs);
  }

  /** Takes a shopper off the list, and declines an offer that is open. */
  leave(shopper: string, from: Origin | undefined, nowMs: number): { ok: true } | Refusal {
    const item = this.#store.item();
    if (!item) return refuse("not_found");
    const entry = this.#entries.entry(shopper);
    const current = entry && this.#orders.current(entry.orderId, nowMs);
    const left = leaveWaitlist(current?.item ?? item, entry, current?.hold ?? null, nowMs);
    if (!left.ok) return left;
    const by = { ...from, actor: shopperActor(shopper) };
    if (left.entry) {
      this.#entries.write(left.entry, entry);
      this.#note("list_left", left.entry, by, nowMs);
    }
    if (left.change) this.#orders.write(left.change, by, nowMs);
    return { ok: true };
  }

  /** Offers what came free in this transaction; whether anything was written. */
  offerFreed(nowMs: number): boolean {
    return this.#store.takeFreed() && this.offer(nowMs);
  }

  /** Offers what is available to those who wait, next first; whether anything was written. */
  offer(nowMs: number): boolean {
    const item = this.#store.item();
    if (!item || !isOwed(item) || !mayOffer(item, nowMs)) return false;
    let { level } = item;
    for (let left = OFFERS_MAX; left > 0 && level.available > 0;) {
      const fitting = this.#entries.fitting(level.available, left);
      if (fitting.length === 0) break;
      for (const entry of fitting) {
        const after = this.#offerTo({ ...item, level }, entry, nowMs);
        if (!after) continue;
        level = after;
        left -= 1;
      }
    }
    return true;
  }

  counts(): WaitlistCounts {
    return this.#entries.counts();
  }

  /** The counters after it; `null` when the quantity is not there. */
  #offerTo(item: StoredItem, entry: WaitlistEntry, nowMs: number): StoredItem["level"] | null {
    if (entry.quantity > item.level.available) return null;
    const [units, ofAddress] = this.#unitsOf(item, entry);
    const offer = offerTo(item, entry, units, ofAddress, nowMs);
    if (!offer) return null;
    this.#entries.write(offer.entry, entry);
    if (offer.change) this.#orders.write(offer.change, BY_WAITLIST, nowMs);
    else this.#note("list_left", offer.entry, { ...BY_WAITLIST, reason: MAY_NOT_HAVE_IT }, nowMs);
    return offer.change?.level ?? item.level;
  }

  #note(
    type: "list_joined" | "list_left",
    { number, quantity, traceparent }: WaitlistEntry,
    { reason, ...by }: Doer & { reason?: string },
    nowMs: number,
  ): void {
    const why = reason === undefined ? {} : { reason };
    const ofJoin = traceparent === undefined ? {} : { traceparent };
    this.#store.writeNote({ type, number, quantity, ...why }, { ...ofJoin, ...by }, nowMs);
  }

  #unitsOf(item: StoredItem, who: Pick<WaitlistCommand, "shopper" | "address">) {
    const address = countedAddress(item, who);
    return [this.#store.unitsOf(who.shopper), this.#store.unitsOfAddress(address)] as const;
  }

  #answer(shopper: string, isNew: boolean, nowMs: number): WaitlistAnswer | Refusal {
    const item = this.#store.item();
    const entry = this.#entries.entry(shopper);
    if (!item || !entry) return refuse("not_found");
    const stands = standing(item, entry, this.#store.hold(entry.orderId), nowMs);
    if (!stands) return refuse("not_found");
    const { state, offer } = stands;
    const position = state === "waiting" ? this.#entries.ahead(entry) + 1 : null;
    const { number, quantity } = entry;
    const orderId = offer?.orderId ?? null;
    const expiresAtMs = offerExpiresAtMs(offer);
    return {
      ok: true,
      isNew,
      place: { state, position, number, quantity, orderId, offerExpiresAtMs: expiresAtMs },
    };
  }
}
