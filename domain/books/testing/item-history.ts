import { transition, type Hold, type HoldTransition } from "../../purchase/hold.ts";
import { encodeEvent, orderRow, type LedgerEvent } from "../../purchase/ledger.ts";
import type { Payment } from "../../purchase/payment.ts";
import type { StockLevel } from "../../purchase/sale.ts";
import { chainHash, GENESIS_HASH } from "../chain.ts";
import type { Difference } from "../reconcile.ts";
import { ItemBook } from "../reconcile-book.ts";
import type { EventRow } from "../reconcile-events.ts";
import type { ReconcileTerms } from "../reconcile-order.ts";
import {
  expectedRows,
  type Charge,
  type ItemFact,
  type OrderGroup,
  type PaymentRow,
} from "../reconcile-rows.ts";

/** When the first event of a history happens; each next one a second later. */
export const START_MS = 2_222_164_800_000;
export const SKU = "phone";
export const SALE_ID = "drop";

const AMOUNT = 49_900;
const STOCK = 10;

/** The id of the n-th order. */
export function orderIdOf(index: number): string {
  return `${SKU}.order-${index}.mac`;
}

/** An item's chain as its owner writes it, by the rules of holds, and the tables as they should be then. */
export class ItemHistory {
  readonly chain: ItemFact[] = [];
  level: StockLevel;
  readonly #holds = new Map<string, Hold>();

  constructor(stock = STOCK) {
    this.level = { sku: SKU, stock, available: stock, held: 0, sold: 0 };
    this.#append({ type: "created", quantity: stock, level: this.level, order: null });
  }

  get nowMs(): number {
    return START_MS + this.chain.length * 1_000;
  }

  reserve(index: number, type: "reserved" | "offered" = "reserved"): this {
    const { nowMs } = this;
    const orderId = orderIdOf(index);
    const hold: Hold = {
      orderId,
      shopper: `shopper-${index}`,
      number: index,
      idempotencyKey: "key",
      bodyHash: "body",
      quantity: 1,
      total: { amount: AMOUNT, currency: "EUR" },
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 120_000,
      status: "RESERVED",
      version: 1,
      updatedAtMs: nowMs,
      payment: null,
      checkouts: [],
    };
    this.level = {
      ...this.level,
      available: this.level.available - 1,
      held: this.level.held + 1,
    };
    this.#write(type, hold);
    return this;
  }

  /** One transition of an order, with its payment as it is then. */
  step(index: number, type: HoldTransition, payment: Partial<Payment> = {}): this {
    const hold = this.#holds.get(orderIdOf(index));
    if (!hold) throw new Error(`Order ${index} was never reserved.`);
    const paid: Payment | null =
      hold.payment === null && Object.keys(payment).length === 0
        ? null
        : { ...(hold.payment ?? FIRST_PAYMENT), ...payment };
    const change = transition(hold, this.level, type, this.nowMs, paid);
    if (!change) throw new Error(`${type} may not come at ${hold.status}.`);
    this.level = change.level;
    this.#write(type, change.hold);
    return this;
  }

  /** Paid by card: charged, confirmed, captured. */
  buy(index: number): this {
    return this.reserve(index)
      .step(index, "payment_pending", { state: "due" })
      .step(index, "confirmed", { state: "authorised" })
      .step(index, "captured", { state: "captured" });
  }

  restock(quantity: number): this {
    const { stock, available } = this.level;
    this.level = { ...this.level, stock: stock + quantity, available: available + quantity };
    this.#append({ type: "restocked", quantity, level: this.level, order: null });
    return this;
  }

  /** The events of one order. */
  eventsOf(orderId: string): LedgerEvent[] {
    return this.chain.flatMap(({ event }) => (event?.order?.orderId === orderId ? [event] : []));
  }

  /** The table of events. */
  eventRows(): EventRow[] {
    return this.chain.map(({ sequence, text, hash, event }) => {
      const { atMs = 0, type = "unreadable", order = null } = event ?? {};
      const orderId = order?.orderId ?? null;
      return { sequence, saleId: SALE_ID, atMs, type, orderId, body: text, hash };
    });
  }

  /** What the other tables, the provider and the mailbox have of an order, once they have events up to one. */
  groupOf(orderId: string, through = Infinity): OrderGroup {
    const events = this.eventsOf(orderId).filter(({ sequence }) => sequence <= through);
    const { order, payments, messages } = expectedRows(SKU, events);
    return structuredClone({
      orderId,
      order,
      payments,
      messages: messages.map((told) => Object.assign(told, { state: "sent", isDelivered: true })),
      charges: payments.flatMap((row) => chargeOf(row)),
    });
  }

  groups(): OrderGroup[] {
    return [...this.#holds.keys()].sort().map((orderId) => this.groupOf(orderId));
  }

  #write(type: LedgerEvent["type"], hold: Hold): void {
    this.#holds.set(hold.orderId, hold);
    const order = orderRow(SALE_ID, SKU, hold);
    this.#append({ type, quantity: hold.quantity, level: this.level, order });
  }

  #append(fact: Pick<LedgerEvent, "type" | "quantity" | "level" | "order">): void {
    const last = this.chain.at(-1);
    const sequence = (last?.sequence ?? 0) + 1;
    const event: LedgerEvent = { sequence, atMs: this.nowMs, reason: null, ...fact };
    const text = encodeEvent(event);
    this.chain.push({ sequence, text, hash: chainHash(last?.hash ?? GENESIS_HASH, text), event });
  }
}

/** An item's life with everything in it: bought, declined and bought, refunded, in cash, expired, given up. */
export function wholeHistory(): ItemHistory {
  return new ItemHistory()
    .buy(1)
    .reserve(2)
    .step(2, "payment_pending", { state: "due" })
    .step(2, "payment_declined", { state: "declined", lastError: "card_declined" })
    .step(2, "payment_pending", { state: "due", attempt: 2, lastError: null })
    .step(2, "confirmed", { state: "authorised" })
    .step(2, "captured", { state: "captured" })
    .buy(3)
    .step(3, "refunding", { state: "refunding" })
    .step(3, "refunded", { state: "refunded" })
    .reserve(4)
    .step(4, "cash_confirmed", { method: "cod", state: "on_delivery" })
    .reserve(5, "offered")
    .step(5, "expired")
    .reserve(6)
    .step(6, "payment_pending", { state: "due" })
    .step(6, "payment_failed", { state: "voiding", lastError: "timeout" })
    .step(6, "voided", { state: "voided" })
    .reserve(7)
    .step(7, "cash_confirmed", { method: "cod", state: "on_delivery" })
    .step(7, "called_off", { state: "voided" })
    .restock(3)
    .reserve(8);
}

/** Long after everything: nothing is on its way any more. */
export const LONG_AFTER: ReconcileTerms = {
  nowMs: START_MS + 24 * 60 * 60 * 1000,
  charges: "sandbox_payment",
};

/** The book of a whole history. */
export function bookOf({ chain }: ItemHistory): ItemBook {
  const book = new ItemBook(SKU, chain.length, chain.length);
  for (const row of chain) book.enter(row);
  return book;
}

/** What a difference names, without what it says of it. */
export function namedBy({ kind, table, key, field }: Difference): string[] {
  return [kind, table, key, ...(field === undefined ? [] : [field])];
}

/** What the provider has of an attempt; nothing of cash. */
function chargeOf({ orderId, attempt, method, state, amount, currency }: PaymentRow): Charge[] {
  const kinds = BOOKINGS[state];
  if (method === "cod" || !kinds) return [];
  const bookings = kinds.map((kind) => ({ kind, amount, currency, atMs: START_MS }));
  return [{ orderId, attempt, amount, currency, state: STATES[state] ?? state, bookings }];
}

const FIRST_PAYMENT: Payment = {
  method: "card",
  token: "tok_ok",
  attempt: 1,
  state: "due",
  nextAttemptAtMs: null,
  deadlineMs: START_MS + 90_000,
  asked: 0,
  lastError: null,
};

/** What a provider has booked for a payment in each state; of `due` it has not heard. */
const BOOKINGS: Readonly<Record<string, readonly string[]>> = {
  declined: [],
  authorised: ["charge"],
  captured: ["charge", "capture"],
  voiding: ["charge"],
  voided: ["charge", "void"],
  refunding: ["charge", "capture"],
  refunded: ["charge", "capture", "refund"],
};

/** How the provider calls a state that is another one here. */
const STATES: Readonly<Record<string, string>> = { voiding: "authorised", refunding: "captured" };
