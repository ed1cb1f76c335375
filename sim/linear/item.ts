import type { Operation } from "./check.ts";
import type { Call } from "./history.ts";

/*
 * What the recorded calls of an item say, in two projections: of each order alone, and of the item's units. An item that
 * keeps its promises keeps them in both.
 */

/** No machine's clock is further off than this; holds end by the clock of the item's object. */
export const CLOCK_MAX_MS = 2_000;

/** Statuses of orders, as the contract names them. */
export type Status =
  | "RESERVED"
  | "PAYMENT_PENDING"
  | "CONFIRMED"
  | "EXPIRED"
  | "PAYMENT_FAILED"
  | "CANCELLED"
  | "REFUNDED";

/** From when to when a call ran, for what is known of an order at that time. */
export interface Span {
  invoked: number;
  invokedMs: number;
  returned: number;
  returnedMs: number;
}

type OrderEvent =
  | { kind: "taken" }
  | { kind: "missing" }
  | { kind: "seen"; status: Status; version: number };

/** What somebody was told of one order. */
export type OrderCall = Span & OrderEvent;

/** The counters that a restock is answered with. */
export interface Level {
  stock: number;
  available: number;
  held: number;
  sold: number;
}

type StockEvent =
  | { kind: "reserve" | "repeat" | "sold_out" | "conflict"; order: number }
  | { kind: "limit"; order: number; scope: "shopper" | "address"; limit: number; units: number }
  | { kind: "restock"; commandId: string; quantity: number; level: Level | null }
  | { kind: "too_many"; quantity: number }
  | { kind: "seen"; order: number; units: "held" | "sold" | "back" | "free" };

/** What somebody asked of an item's units, or was told of those of one order, which `order` names by its place in `orders`. */
export type StockCall = Span & StockEvent;

/** What all calls together say of one order: the places in the kernel's order from which something may be. */
export interface Order {
  orderId: string;
  shopper: string;
  /** `null`: an offer of the waiting list. */
  key: string | null;
  address: string | null;
  quantity: number;
  /** `null`: nobody was ever told. */
  expiresAtMs: number | null;
  askedFrom: number;
  paidFrom: number;
  cancelledFrom: number;
  refundedFrom: number;
  /** The last call that found its units held or sold began here. */
  keptUntil: number;
  /** How its units were found once they were somebody else's; `null`: nobody looked. */
  ended: "back" | "free" | null;
  /** An offer that its shopper does not wait for any more after this. */
  waitedUntil: number;
}

/** The calls of one item, sorted by what they are about. */
export interface ItemHistory {
  orders: readonly Order[];
  /** By the order's place in `orders`. */
  ofOrder: readonly (readonly Operation<OrderCall>[])[];
  ofStock: readonly Operation<StockCall>[];
}

/** The rows and refusals that calls are answered with, as far as they are read here. */
interface Row {
  orderId: string;
  shopper: string;
  quantity: number;
  status: Status;
  version: number;
  expiresAtMs: number;
  updatedAtMs: number;
}
interface Answer {
  ok: boolean;
  code?: string;
  scope?: string;
  limit?: number;
  held?: number;
  bought?: number;
  orderId?: string;
  expiresAtMs?: number;
  order?: Row;
  level?: Level;
  isNew?: boolean;
  place?: { state: string; orderId: string | null; offerExpiresAtMs: number | null };
}
interface Command {
  orderId: string;
  shopper: string;
  idempotencyKey?: string;
  quantity: number;
  address?: string;
}

const UNANSWERED = { returned: Infinity, returnedMs: Infinity };

const UNITS: Readonly<Record<Status, "held" | "sold" | "back" | "free">> = {
  RESERVED: "held",
  PAYMENT_PENDING: "held",
  CONFIRMED: "sold",
  REFUNDED: "back",
  EXPIRED: "free",
  PAYMENT_FAILED: "free",
  CANCELLED: "free",
};

/**
 * Sorts the calls of one item.
 *
 * @param hasSteadyClock whether the object's clock never jumps back: where it does, a reader may judge a hold as over
 * that is not written as such, and the next one not.
 */
export function sortCalls(calls: readonly Call[], hasSteadyClock: boolean): ItemHistory {
  return new Sorter(hasSteadyClock).sort(calls.flatMap(singly));
}

class Sorter {
  readonly #hasSteadyClock: boolean;
  readonly #orders: Order[] = [];
  readonly #index = new Map<string, number>();
  readonly #ofOrder: Operation<OrderCall>[][] = [];
  readonly #ofStock: Operation<StockCall>[] = [];
  /** Reservations that were never answered, by their order. */
  readonly #unknown = new Map<number, Call>();
  /** By order: the earliest answer that tells of it. */
  readonly #toldBy = new Map<number, Call>();

  constructor(hasSteadyClock: boolean) {
    this.#hasSteadyClock = hasSteadyClock;
  }

  sort(calls: readonly Call[]): ItemHistory {
    for (const call of calls) if (isCommand(call)) this.#meet(call);
    for (const call of calls) this.#read(call);
    this.#settleUnknown();
    return { orders: this.#orders, ofOrder: this.#ofOrder, ofStock: this.#ofStock };
  }

  /** Orders are known by the ids that calls bring. */
  #meet({ method, args, invoked, answer }: Call): void {
    const command = args[0] as Command;
    const { orderId, shopper, quantity, address = null } = command;
    const { ok, isNew } = (answer ?? {}) as Partial<Answer>;
    const isOffer = method === "joinWaitlist";
    // A list that somebody is on already keeps the order of the first time.
    if (isOffer && (ok === false || (ok === true && isNew === false))) return;
    const index = this.#indexOf(orderId, { shopper, quantity });
    const order = this.#order(index);
    order.key = isOffer ? null : (command.idempotencyKey ?? null);
    order.address = address;
    order.askedFrom = Math.min(order.askedFrom, invoked);
  }

  #read(call: Call): void {
    const { method, args, invoked } = call;
    const answer = call.answer as Answer | undefined;
    switch (method) {
      case "reserve":
        return this.#reserve(call, args[0] as Command, answer);
      case "restock":
        return this.#restock(call, answer);
      case "checkout":
        this.#from(args[0] as string, "paidFrom", invoked);
        return this.#told(call, answer);
      case "cancel":
        this.#from(args[0] as string, "cancelledFrom", invoked);
        return this.#told(call, answer);
      case "refund":
      case "givenBack":
        this.#from(args[0] as string, "refundedFrom", invoked);
        return this.#told(call, answer);
      case "order":
      case "retryPayment":
      case "resolvePayment":
        return this.#told(call, answer);
      case "joinWaitlist":
      case "waitlistPlace":
        return this.#listed(call, answer);
      case "leaveWaitlist":
        return this.#leaves(call, args[0] as string, answer);
      default:
        return;
    }
  }

  #reserve(call: Call, command: Command, answer: Answer | undefined): void {
    const order = this.#indexOf(command.orderId, command);
    if (answer === undefined) {
      // The gateway sends the same command once more; whichever takes effect does so after the first was sent.
      if (!this.#unknown.has(order)) this.#unknown.set(order, call);
    } else if (answer.ok) {
      const taken = this.#indexOf(answer.orderId ?? "", command);
      this.#order(taken).expiresAtMs = answer.expiresAtMs ?? null;
      this.#tell(taken, call);
      this.#addToOrder(taken, call, { kind: "taken" });
      const kind = taken === order ? "reserve" : "repeat";
      this.#addToStock(call, { kind, order: taken });
    } else if (answer.code === "sold_out") this.#addToStock(call, { kind: "sold_out", order });
    else if (answer.code === "idempotency_conflict")
      this.#addToStock(call, { kind: "conflict", order });
    else if (answer.code === "limit_reached") {
      const { limit = NaN, held = NaN, bought = NaN } = answer;
      const scope = answer.scope === "address" ? "address" : "shopper";
      this.#addToStock(call, { kind: "limit", order, scope, limit, units: held + bought });
    }
    // What else is refused is about the sale and the pass, not about the item.
  }

  #restock(call: Call, answer: Answer | undefined): void {
    const [quantity, , commandId] = call.args as [number, string, string];
    if (answer?.ok !== false) {
      const level = answer?.level ?? null;
      this.#addToStock(call, { kind: "restock", commandId, quantity, level });
    } else if (answer.code === "validation_failed")
      this.#addToStock(call, { kind: "too_many", quantity });
  }

  /** An answer that shows an order, or says that there is none. */
  #told(call: Call, answer: Answer | undefined): void {
    const [orderId, shopper] = call.args as [string, unknown];
    const index = this.#index.get(orderId);
    if (answer?.code === "not_found" && index !== undefined) {
      // Another's order is not found either.
      if (typeof shopper !== "string" || this.#order(index).shopper === shopper)
        this.#addToOrder(index, call, { kind: "missing" });
    }
    const row = answer?.order;
    if (!row) return;
    const seen = this.#indexOf(row.orderId, row);
    const order = this.#order(seen);
    order.quantity = row.quantity;
    order.expiresAtMs = row.expiresAtMs;
    this.#tell(seen, call);
    if (this.#isPassing(call, row)) return;
    const { status, version } = row;
    this.#addToOrder(seen, call, { kind: "seen", status, version });
    this.#see(seen, call, UNITS[status]);
  }

  #listed(call: Call, answer: Answer | undefined): void {
    const { state, orderId = null, offerExpiresAtMs = null } = answer?.place ?? {};
    if (orderId === null) return;
    const seen = this.#indexOf(orderId, { shopper: "", quantity: 0 });
    this.#tell(seen, call);
    if (offerExpiresAtMs !== null) {
      this.#order(seen).expiresAtMs = offerExpiresAtMs;
      this.#see(seen, call, "held");
    } else if (state === "lapsed" && (this.#hasSteadyClock || call.method !== "waitlistPlace"))
      this.#see(seen, call, "free");
  }

  #leaves(call: Call, shopper: string, answer: Answer | undefined): void {
    for (const order of this.#orders) {
      if (order.shopper !== shopper || order.key !== null) continue;
      order.cancelledFrom = Math.min(order.cancelledFrom, call.invoked);
      if (answer?.ok === true && order.askedFrom < call.invoked)
        order.waitedUntil = Math.min(order.waitedUntil, call.returned);
    }
  }

  #see(index: number, call: Call, units: (typeof UNITS)[Status]): void {
    const order = this.#order(index);
    if (units === "held" || units === "sold")
      order.keptUntil = Math.max(order.keptUntil, call.invoked);
    else order.ended = units;
    this.#addToStock(call, { kind: "seen", order: index, units });
  }

  /** Whether a reader went by a clock that may be set back behind what it said. */
  #isPassing({ method, invokedMs }: Call, { status, updatedAtMs }: Row): boolean {
    if (this.#hasSteadyClock || method !== "order") return false;
    const isByClock = status === "EXPIRED" || status === "PAYMENT_FAILED";
    return isByClock && invokedMs < updatedAtMs + CLOCK_MAX_MS;
  }

  /**
   * What was never answered and shows all the same took effect before it showed. What has the key of another order did
   * not, and never will.
   */
  #settleUnknown(): void {
    const keys = new Set([...this.#toldBy.keys()].map((order) => this.#keyOf(order)));
    for (const [order, call] of this.#unknown) {
      const told = this.#toldBy.get(order);
      if (told) {
        const { returned, returnedMs } = told;
        this.#addToStock({ ...call, returned, returnedMs }, { kind: "reserve", order });
      } else if (!keys.has(this.#keyOf(order))) this.#addToStock(call, { kind: "reserve", order });
    }
  }

  #keyOf(order: number): string {
    const { shopper, key } = this.#order(order);
    return JSON.stringify([shopper, key]);
  }

  #tell(order: number, call: Call): void {
    const first = this.#toldBy.get(order);
    if (!first || call.returned < first.returned) this.#toldBy.set(order, call);
  }

  #from(orderId: string, what: "paidFrom" | "cancelledFrom" | "refundedFrom", at: number): void {
    const index = this.#index.get(orderId);
    if (index === undefined) return;
    const order = this.#order(index);
    order[what] = Math.min(order[what], at);
  }

  #addToOrder(order: number, call: Call, event: OrderEvent): void {
    const what = { ...spanOf(call), ...event };
    this.#ofOrder[order]?.push({ what, invoked: what.invoked, returned: what.returned });
  }

  #addToStock(call: Call, event: StockEvent): void {
    const what = { ...spanOf(call), ...event };
    this.#ofStock.push({ what, invoked: what.invoked, returned: what.returned });
  }

  #order(index: number): Order {
    const order = this.#orders[index];
    if (!order) throw new Error(`There is no order ${index}.`);
    return order;
  }

  #indexOf(orderId: string, { shopper, quantity }: Pick<Order, "shopper" | "quantity">): number {
    const known = this.#index.get(orderId);
    if (known !== undefined) return known;
    const index = this.#orders.length;
    this.#index.set(orderId, index);
    this.#ofOrder.push([]);
    this.#orders.push({
      orderId,
      shopper,
      key: null,
      address: null,
      quantity,
      expiresAtMs: null,
      askedFrom: Infinity,
      paidFrom: Infinity,
      cancelledFrom: Infinity,
      refundedFrom: Infinity,
      keptUntil: -Infinity,
      ended: null,
      waitedUntil: Infinity,
    });
    return index;
  }
}

/** Whether a call brings several purchases. */
export function isGathered({ method, args }: Call): boolean {
  return method === "reserveMany" && (args[0] as unknown[]).length > 1;
}

/** A call that brings many purchases is as many calls at the same time; what failed in it is never answered. */
function singly(call: Call): Call[] {
  if (call.method !== "reserveMany") return [call];
  const [commands] = call.args as [readonly Command[]];
  const outcomes = call.answer as { ok: boolean; value?: Answer }[] | undefined;
  return commands.map((command, index) => {
    const { ok = false, value: answer } = outcomes?.[index] ?? {};
    const { invoked, invokedMs } = call;
    const { returned, returnedMs } = ok ? call : UNANSWERED;
    return { method: "reserve", args: [command], answer, invoked, invokedMs, returned, returnedMs };
  });
}

function isCommand({ method }: Call): boolean {
  return method === "reserve" || method === "joinWaitlist";
}

function spanOf({ invoked, invokedMs, returned, returnedMs }: Call): Span {
  return { invoked, invokedMs, returned, returnedMs };
}
