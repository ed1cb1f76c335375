import type { OrderStatus } from "../purchase/hold.ts";
import type { LedgerEvent } from "../purchase/ledger.ts";
import { PAYMENT_STEPS, type PaymentState } from "../purchase/payment.ts";
import type { StockLevel } from "../purchase/sale.ts";
import { eventId, itemChain } from "./chain.ts";
import type { BooksFigures, Difference } from "./reconcile.ts";
import { outsideDifferences, type ReconcileTerms } from "./reconcile-order.ts";
import {
  dueMessage,
  orderDigest,
  paymentDigest,
  paymentRow,
  sequenceOf,
  toldDigest,
  type ItemFact,
  type MessageRow,
  type OrderGroup,
} from "./reconcile-rows.ts";

/** What is kept of an order: what stands for its rows, never the rows. Some 400 bytes with its key. */
interface Entry {
  /** The sequences of its first and its last event. */
  first: number;
  last: number;
  status: OrderStatus;
  quantity: number;
  order: number;
  /** By attempt, from the first on. */
  payments: number[];
  told: number;
  isFound: boolean;
}

/**
 * What the events of one item come to. It is read once, in order; then each order's rows are held against
 * it. A hundred thousand orders take some 41 MB, their events nothing.
 */
export class ItemBook {
  readonly #sku: string;
  readonly #orders = new Map<string, Entry>();
  readonly #mark: number;
  readonly #levelAt: number;
  #levelMark = 0;
  #sequence = 0;
  #level: StockLevel | null = null;
  #watched: StockLevel | null = null;
  #units = { stock: 0, held: 0, sold: 0 };
  #unbalanced: Difference | null = null;
  #isCertain = true;

  /**
   * @param mark events up to here are acknowledged.
   * @param levelAt the sequence whose counters are asked for in the end.
   */
  constructor(sku: string, mark: number, levelAt: number) {
    this.#sku = sku;
    this.#mark = mark;
    this.#levelAt = levelAt;
  }

  /** How far it has read. */
  get sequence(): number {
    return this.#sequence;
  }

  /** How many orders there are. */
  get orders(): number {
    return this.#orders.size;
  }

  /** The counters after the event that was asked for; `null` while there is none. */
  get watched(): StockLevel | null {
    return this.#watched;
  }

  /** The counters of the table are at least this far: at the last acknowledged event that can be read. */
  get levelMark(): number {
    return this.#levelMark;
  }

  /** The counters after the last event. */
  get units(): BooksFigures["units"] {
    const { stock = 0, available = 0, held = 0, sold = 0 } = this.#level ?? {};
    return { stock, available, held, sold };
  }

  /** Where the counters ceased to be the sum of the orders; and the events that the chain itself lacks. */
  get ownDifferences(): Difference[] {
    return this.#unbalanced ? [this.#unbalanced] : [];
  }

  /** Takes the next row of the chain. What nobody can read may have changed anything: the sums end there. */
  enter({ sequence, event }: ItemFact): void {
    if (sequence !== this.#sequence + 1)
      this.#unbalanced ??= this.#named("event_missing", this.#sequence + 1);
    this.#sequence = sequence;
    if (!event) this.#isCertain = false;
    if (!event) return;
    this.#level = event.level;
    if (sequence <= this.#mark) this.#levelMark = sequence;
    if (sequence === this.#levelAt) this.#watched = event.level;
    if (event.type === "created" || event.type === "restocked") this.#units.stock += event.quantity;
    if (event.order) this.#enterOrder(event.order, event);
    if (this.#isCertain) this.#balance(sequence, event.level);
  }

  /** Whether an order has no event behind the mark: then its rows have to be exactly as the book has them. */
  isSettled(orderId: string, mark: number): boolean {
    const entry = this.#orders.get(orderId);
    return !entry || entry.last <= mark;
  }

  /** The orders with events behind the mark. */
  unsettled(mark: number): number {
    let count = 0;
    for (const { last } of this.#orders.values()) if (last > mark) count += 1;
    return count;
  }

  /** The first event of an order; 1 for one that nobody knows. */
  firstOf(orderId: string): number {
    return this.#orders.get(orderId)?.first ?? 1;
  }

  /** Whether the rows of an order are as the events say, and provider and mailbox as the rows say. */
  agrees(group: OrderGroup, terms: ReconcileTerms): boolean {
    const entry = this.#orders.get(group.orderId);
    if (entry) entry.isFound = true;
    const { order, payments, messages } = group;
    if (!entry || !order || orderDigest(order) !== entry.order) return false;
    const arePaid = payments.every((row) => entry.payments[row.attempt - 1] === paymentDigest(row));
    if (!arePaid || payments.length !== entry.payments.length) return false;
    if (this.#told(messages) !== entry.told) return false;
    return outsideDifferences(payments, group, terms).length === 0;
  }

  /** The orders of which no table has anything. */
  *unfound(): Generator<string> {
    for (const [orderId, { isFound }] of this.#orders) if (!isFound) yield orderId;
  }

  #enterOrder(order: NonNullable<LedgerEvent["order"]>, event: LedgerEvent): void {
    const { orderId, status, quantity } = order;
    const earlier = this.#orders.get(orderId);
    const payments = earlier?.payments ?? [];
    const payment = paymentRow(order);
    if (payment) payments[payment.attempt - 1] = paymentDigest(payment);
    const message = dueMessage(this.#sku, event);
    const told = earlier?.told ?? 0;
    if (earlier) this.#count(earlier, -1);
    const entry: Entry = {
      first: earlier?.first ?? event.sequence,
      last: event.sequence,
      status,
      quantity,
      order: orderDigest(order),
      payments,
      told: message ? toldDigest(told, message) : told,
      isFound: earlier?.isFound ?? false,
    };
    this.#count(entry, 1);
    this.#orders.set(orderId, entry);
  }

  #count({ status, quantity }: Entry, sign: 1 | -1): void {
    if (status === "RESERVED" || status === "PAYMENT_PENDING") this.#units.held += sign * quantity;
    if (status === "CONFIRMED") this.#units.sold += sign * quantity;
  }

  #balance(sequence: number, level: StockLevel): void {
    for (const field of ["stock", "held", "sold"] as const)
      if (level[field] !== this.#units[field])
        this.#unbalanced ??= {
          ...this.#named("units_unbalanced", sequence),
          field,
          expected: this.#units[field],
          found: level[field],
        };
  }

  #named(kind: Difference["kind"], sequence: number): Difference {
    return { kind, table: "ledger", key: eventId(itemChain(this.#sku), sequence) };
  }

  /** What stands for messages, in the order of their events; nothing does for one of another chain. */
  #told(messages: readonly MessageRow[]): number | null {
    const told = messages.map((message) => ({
      message,
      sequence: sequenceOf(this.#sku, message.eventId),
    }));
    if (told.some(({ sequence }) => sequence === null)) return null;
    return told
      .sort((one, other) => (one.sequence ?? 0) - (other.sequence ?? 0))
      .reduce((before, { message }) => toldDigest(before, message), 0);
  }
}

/** Adds up what the tables have. */
export class BooksTally {
  readonly #figures: Omit<BooksFigures, "events" | "unsettled" | "units">;
  readonly #hasCharges: boolean;

  constructor(hasCharges: boolean) {
    this.#hasCharges = hasCharges;
    this.#figures = {
      orders: 0,
      payments: 0,
      charges: hasCharges ? 0 : null,
      messages: 0,
      delivered: 0,
      money: {
        currency: null,
        captured: 0,
        refunded: 0,
        confirmed: 0,
        inFlight: 0,
        byHand: 0,
        onDelivery: 0,
      },
    };
  }

  /** Counts the rows of one order. */
  add({ order, payments, messages, charges }: OrderGroup): void {
    const figures = this.#figures;
    const { money } = figures;
    figures.payments += payments.length;
    figures.messages += messages.length;
    figures.delivered += messages.filter(({ isDelivered }) => isDelivered).length;
    if (figures.charges !== null) figures.charges += charges.length;
    for (const { bookings } of charges)
      for (const { kind, amount } of bookings) {
        if (kind === "capture") money.captured += amount;
        if (kind === "refund") money.refunded += amount;
      }
    if (!order) return;
    figures.orders += 1;
    money.currency ??= order.currency;
    const { status, amount, paymentMethod, paymentState } = order;
    const state = paymentState as PaymentState | null;
    if (state === null) return;
    if (paymentMethod === "cod") {
      if (status === "CONFIRMED") money.onDelivery += amount;
      return;
    }
    if (!this.#hasCharges) {
      const isBack = state === "refunded";
      if (isBack || state === "captured" || state === "refunding") money.captured += amount;
      if (isBack) money.refunded += amount;
    }
    if (state === "by_hand") money.byHand += amount;
    if (PAYMENT_STEPS[state]) money.inFlight += amount;
    if (status === "CONFIRMED" && state === "captured") money.confirmed += amount;
  }

  /** The sums, with what the book has. */
  with(book: ItemBook, unsettled: number): BooksFigures {
    return { events: book.sequence, ...this.#figures, unsettled, units: book.units };
  }
}
