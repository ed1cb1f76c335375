import type { Model } from "./check.ts";
import { CLOCK_MAX_MS, type Level, type Order, type StockCall } from "./item.ts";

/** What an item is created with. */
export interface ItemTerms {
  stock: number;
  perShopper: number;
  /** `null`: no limit. */
  perAddress: number | null;
}

/** Where the units of an order are. `BACK`: given back, and counted against the limits all the same. */
const [NONE, HELD, SOLD, BACK, FREE] = [0, 1, 2, 3, 4] as const;
const WHERE = { held: HELD, sold: SOLD, back: BACK, free: FREE } as const;

/** The units of an item. States are never changed in place. */
export interface StockState {
  stock: number;
  available: number;
  /** By order. */
  where: Uint8Array;
  /** Restocks by their command, with the counters that were told. */
  restocks: ReadonlyMap<string, Level | null>;
}

/**
 * The units of one item as shoppers may know them: what is reserved comes out of what is available, nobody has more than
 * the limit, sold out is said where there is nothing. Holds that end (by time, by payment, cancelled) and offers to those
 * who wait are steps of their own: they may happen as soon as they can, and are taken only where a call needs
 * them, since nothing that is told needs a unit to be free any earlier. An offer that nobody saw before it was over is the
 * exception: its unit has to be there while it lasts, and may have another owner when somebody looks; so it may come and go before
 * any call that takes units. A hold that nobody pays has ended when its time is over by any clock.
 */
export class StockModel implements Model<StockState, StockCall> {
  readonly initial: StockState;
  readonly #orders: readonly Order[];
  readonly #terms: ItemTerms;
  readonly #all: readonly number[];
  readonly #ofShopper = new Map<string, number[]>();
  readonly #ofAddress = new Map<string, number[]>();
  readonly #offers: readonly number[];
  /** Holds whose end is known and that nobody ever tried to pay, the first to end first. */
  readonly #ending: readonly { order: number; endsAtMs: number }[];

  constructor(terms: ItemTerms, orders: readonly Order[]) {
    const { stock } = terms;
    this.#terms = terms;
    this.#orders = orders;
    this.#all = orders.map((_, at) => at);
    this.#offers = this.#all.filter((at) => this.#order(at).key === null);
    for (const [at, { shopper, address }] of orders.entries()) {
      this.#ofShopper.set(shopper, [...(this.#ofShopper.get(shopper) ?? []), at]);
      if (address !== null)
        this.#ofAddress.set(address, [...(this.#ofAddress.get(address) ?? []), at]);
    }
    this.#ending = orders
      .map(({ expiresAtMs, paidFrom }, order) => {
        const isPaid = expiresAtMs === null || paidFrom < Infinity;
        return { order, endsAtMs: isPaid ? Infinity : expiresAtMs + CLOCK_MAX_MS };
      })
      .filter(({ endsAtMs }) => endsAtMs < Infinity)
      .sort((a, b) => a.endsAtMs - b.endsAtMs);
    this.initial = {
      stock,
      available: stock,
      where: new Uint8Array(orders.length),
      restocks: new Map(),
    };
  }

  key({ stock, available, where, restocks }: StockState): string {
    const commands = [...restocks.keys()].sort().join();
    return `${stock} ${available} ${commands} ${Buffer.from(where).toString("latin1")}`;
  }

  isRead({ kind }: StockCall): boolean {
    return kind !== "reserve" && kind !== "restock";
  }

  *step(before: StockState, call: StockCall): Iterable<StockState> {
    const state = this.#overdue(before, call);
    yield* this.#answer(state, call);
    if (!takesUnits(state, call)) return;
    for (const passed of this.#passing(state, call, this.#offers))
      if (passed !== state) yield* this.#answer(passed, call);
  }

  *#answer(state: StockState, call: StockCall): Generator<StockState, void> {
    switch (call.kind) {
      case "reserve":
        return yield* this.#reserve(state, call, call.order);
      case "repeat":
        if (state.where[call.order] !== NONE) yield state;
        return;
      case "conflict":
        if (this.#hasKey(state, call.order)) yield state;
        return;
      case "sold_out":
        if (!this.#hasKey(state, call.order) && this.#isSoldOut(state, call)) yield state;
        return;
      case "limit":
        if (!this.#hasKey(state, call.order) && this.#isLimit(state, call)) yield state;
        return;
      case "restock":
        return yield* this.#restock(state, call);
      case "too_many":
        if (state.available + call.quantity < 0 || this.#mayBeOffered(state, call)) yield state;
        return;
      case "seen":
        return yield* this.#seen(state, call);
    }
  }

  *#reserve(state: StockState, call: StockCall, order: number): Generator<StockState, void> {
    // The same command, sent once more.
    if (state.where[order] !== NONE) return yield state;
    if (this.#hasKey(state, order)) return;
    const { shopper, address, quantity } = this.#order(order);
    const own = this.#ofShopper.get(shopper) ?? [];
    const near = address === null ? [] : (this.#ofAddress.get(address) ?? []);
    const { perShopper, perAddress } = this.#terms;
    for (const first of this.#within(state, call, own, perShopper - quantity))
      for (const second of this.#within(first, call, near, (perAddress ?? Infinity) - quantity))
        for (const third of this.#withAvailable(second, call, quantity))
          yield moved(third, order, HELD, -quantity);
  }

  /** Offers have a limit, too, which nothing tells here. */
  *#offer(state: StockState, call: StockCall, order: number): Generator<StockState, void> {
    const { key, askedFrom, quantity } = this.#order(order);
    if (key !== null || askedFrom > call.returned) return;
    for (const enough of this.#withAvailable(state, call, quantity))
      yield moved(enough, order, HELD, -quantity);
  }

  /** All ways in which some of these offers, or none, came and went before anybody looked. */
  *#passing(
    state: StockState,
    call: StockCall,
    offers: readonly number[],
  ): Generator<StockState, void> {
    yield state;
    for (const [at, order] of offers.entries()) {
      const { ended } = this.#order(order);
      if (ended === null || state.where[order] !== NONE) continue;
      for (const over of this.#seen(state, { ...call, kind: "seen", order, units: ended }))
        yield* this.#passing(over, call, offers.slice(at + 1));
    }
  }

  *#seen(state: StockState, call: StockCall & { kind: "seen" }): Generator<StockState, void> {
    const { order, units } = call;
    const from = state.where[order];
    const to = WHERE[units];
    if (from === to) return yield state;
    if (from === NONE) {
      for (const offered of this.#offer(state, call, order)) yield* this.#seen(offered, call);
      return;
    }
    const { quantity, paidFrom, refundedFrom } = this.#order(order);
    const isPaid = paidFrom <= call.returned;
    const isRefunded = isPaid && refundedFrom <= call.returned;
    if (to === SOLD && from === HELD && isPaid) yield moved(state, order, SOLD, 0);
    if (to === BACK && from !== FREE && isRefunded) yield moved(state, order, BACK, quantity);
    if (to === FREE && this.#mayFree(state, call, order)) yield moved(state, order, FREE, quantity);
  }

  *#restock(
    state: StockState,
    { commandId, quantity, level, ...span }: StockCall & { kind: "restock" },
  ): Generator<StockState, void> {
    const told = state.restocks.get(commandId);
    if (told !== undefined) {
      if (told === null || level === null || isSame(told, level)) yield state;
      return;
    }
    const call = { ...span, commandId, quantity, level };
    for (const enough of this.#withAvailable(state, call, -quantity)) {
      const next = {
        ...enough,
        stock: enough.stock + quantity,
        available: enough.available + quantity,
        restocks: new Map(enough.restocks).set(commandId, level),
      };
      if (level === null || this.#isLevel(next, call, level)) yield next;
    }
  }

  /** Whether the counters may be these: as they are here, or after holds that have ended, or offers that were made. */
  #isLevel(state: StockState, call: StockCall, { stock, available, held, sold }: Level): boolean {
    if (stock !== state.stock || available + held + sold !== stock) return false;
    if (available < state.available) return this.#mayBeOffered(state, call);
    return available <= state.available + this.#unitsThatMayBeFree(state, call, this.#all);
  }

  #isSoldOut(state: StockState, call: StockCall & { order: number }): boolean {
    const { quantity } = this.#order(call.order);
    return state.available < quantity || this.#mayBeOffered(state, call);
  }

  #isLimit(state: StockState, call: StockCall & { kind: "limit" }): boolean {
    const { perShopper, perAddress } = this.#terms;
    const { shopper, address, quantity } = this.#order(call.order);
    const isOwn = call.scope === "shopper";
    if (call.limit !== (isOwn ? perShopper : perAddress)) return false;
    const group = (isOwn ? this.#ofShopper.get(shopper) : this.#ofAddress.get(address ?? "")) ?? [];
    const counted = this.#counted(state, group);
    const isToMany = call.units + quantity > call.limit;
    if (call.units > counted) return isToMany && this.#waits(state, call, Infinity);
    return isToMany && call.units >= counted - this.#unitsThatMayBeFree(state, call, group);
  }

  /** Whether what is available, or comes free meanwhile, may be offered to somebody who waits. */
  #mayBeOffered(state: StockState, call: StockCall): boolean {
    const free = this.#unitsThatMayBeFree(state, call, this.#all);
    return this.#waits(state, call, state.available + free);
  }

  /** Whether somebody waits for so many units or fewer, or was offered them without anybody knowing. */
  #waits(state: StockState, call: StockCall, units: number): boolean {
    return this.#offers.some((at) => {
      const { askedFrom, waitedUntil, quantity } = this.#order(at);
      const isAsked = askedFrom <= call.returned && call.invoked <= waitedUntil;
      return isAsked && state.where[at] === NONE && quantity <= units;
    });
  }

  #hasKey(state: StockState, order: number): boolean {
    const { shopper, key } = this.#order(order);
    const own = this.#ofShopper.get(shopper) ?? [];
    return own.some((at) => state.where[at] !== NONE && this.#order(at).key === key);
  }

  #counted(state: StockState, group: readonly number[]): number {
    return group.reduce((sum, at) => {
      const isCounted = state.where[at] !== NONE && state.where[at] !== FREE;
      return isCounted ? sum + this.#order(at).quantity : sum;
    }, 0);
  }

  /** All ways in which no more than `most` units of a group are counted. */
  #within(
    state: StockState,
    call: StockCall,
    group: readonly number[],
    most: number,
  ): Iterable<StockState> {
    const units = this.#counted(state, group) - most;
    return this.#freeing(state, call, { of: group, units, to: [FREE] });
  }

  /** All ways in which at least so many units are available. */
  #withAvailable(state: StockState, call: StockCall, least: number): Iterable<StockState> {
    const units = least - state.available;
    return this.#freeing(state, call, { of: this.#all, units, to: [FREE, BACK] });
  }

  /** All ways to free so many units of these orders, none of them with an order too many. */
  *#freeing(
    state: StockState,
    call: StockCall,
    { of, units, to }: { of: readonly number[]; units: number; to: readonly number[] },
  ): Generator<StockState, void> {
    if (units <= 0) return yield state;
    for (const [at, order] of of.entries()) {
      if (!this.#mayFree(state, call, order)) continue;
      const { quantity } = this.#order(order);
      const rest = { of: of.slice(at + 1), units: units - quantity, to };
      for (const end of this.#endsOf(order, call))
        if (to.includes(end)) yield* this.#freeing(moved(state, order, end, quantity), call, rest);
    }
  }

  /** Units that come free were never sold, or called off, or given back. */
  #endsOf(order: number, { returned }: StockCall): readonly number[] {
    const { ended, refundedFrom } = this.#order(order);
    if (ended !== null) return [WHERE[ended]];
    return refundedFrom <= returned ? [FREE, BACK] : [FREE];
  }

  #unitsThatMayBeFree(state: StockState, call: StockCall, of: readonly number[]): number {
    return of
      .filter((at) => this.#mayFree(state, call, at))
      .reduce((sum, at) => sum + this.#order(at).quantity, 0);
  }

  #mayFree(state: StockState, call: StockCall, order: number): boolean {
    const { expiresAtMs, paidFrom, cancelledFrom, refundedFrom, keptUntil } = this.#order(order);
    const { returned, returnedMs } = call;
    // Somebody finds it held, or sold, after this is over.
    if (keptUntil > returned) return false;
    if (state.where[order] === SOLD) return refundedFrom <= returned;
    if (state.where[order] !== HELD) return false;
    if (paidFrom <= returned || cancelledFrom <= returned) return true;
    return expiresAtMs === null || returnedMs >= expiresAtMs - CLOCK_MAX_MS;
  }

  /** Holds that nobody pays have ended when their time is over. */
  #overdue(state: StockState, { invokedMs }: StockCall): StockState {
    let after = state;
    for (const { order, endsAtMs } of this.#ending) {
      if (endsAtMs > invokedMs) break;
      if (state.where[order] === HELD)
        after = moved(after, order, FREE, this.#order(order).quantity);
    }
    return after;
  }

  #order(at: number): Order {
    const order = this.#orders[at];
    if (!order) throw new Error(`There is no order ${at}.`);
    return order;
  }
}

/** Whether units that were available may not be there any more after it. */
function takesUnits(state: StockState, call: StockCall): boolean {
  if (call.kind === "restock") return call.quantity < 0;
  const isTaking = call.kind === "reserve" || call.kind === "seen";
  return isTaking && state.where[call.order] === NONE;
}

function moved(state: StockState, order: number, to: number, units: number): StockState {
  const where = state.where.slice();
  where[order] = to;
  return { ...state, where, available: state.available + units };
}

function isSame(one: Level, other: Level): boolean {
  return (
    one.stock === other.stock &&
    one.available === other.available &&
    one.held === other.held &&
    one.sold === other.sold
  );
}
