import { sha256Hex } from "../hash.ts";
import { factsOf, kindOf, priorityOf } from "../messages/message.ts";
import type { LedgerEvent, OrderRow } from "../purchase/ledger.ts";
import { eventId, itemChain, type ChainRow } from "./chain.ts";

/*
 * The rows that events come to, and what stands for a row where there are too many to keep.
 */

/** Fifty-two bits of a SHA-256, which a number holds: nobody changes a row so that they stay the same. */
const DIGEST_HEX_DIGITS = 13;

/** A row of a chain, read; `event` is `null` where the projection cannot read it and puts it aside. */
export interface ItemFact extends ChainRow {
  event: LedgerEvent | null;
}

/** The row of one attempt to pay. */
export interface PaymentRow {
  orderId: string;
  attempt: number;
  saleId: string;
  sku: string;
  method: string;
  state: string;
  amount: number;
  currency: string;
  error: string | null;
  version: number;
  updatedAtMs: number;
}

/** A message that is due to somebody. */
export interface MessageRow {
  eventId: string;
  shopper: string;
  kind: string;
  priority: string;
  saleId: string;
  orderId: string | null;
  /** What its text is made of, as JSON. */
  facts: string;
  /** `due`, `sent` or `dead`; not the events' to say. */
  state: string;
  createdAtMs: number;
  /** Whether it lies in the mailbox. */
  isDelivered: boolean;
}

/** What one event tells its shopper. */
export type ToldMessage = Omit<MessageRow, "state" | "isDelivered">;

/** What the provider did for one attempt. */
export interface Charge {
  orderId: string;
  attempt: number;
  amount: number;
  currency: string;
  state: string;
  bookings: readonly { kind: string; amount: number; currency: string; atMs: number }[];
}

/** Everything that the tables have of one order. */
export interface OrderGroup {
  orderId: string;
  order: OrderRow | null;
  payments: PaymentRow[];
  messages: MessageRow[];
  charges: Charge[];
}

/** The columns of an order in the database. */
export const ORDER_FIELDS = [
  "orderId",
  "saleId",
  "sku",
  "shopper",
  "number",
  "quantity",
  "amount",
  "currency",
  "status",
  "version",
  "createdAtMs",
  "expiresAtMs",
  "updatedAtMs",
  "paymentState",
  "paymentAttempts",
  "paymentError",
  "paymentMethod",
  "paymentAttention",
  "paymentActionUrl",
] as const satisfies readonly (keyof OrderRow)[];

/** The columns of an attempt. */
export const PAYMENT_FIELDS = [
  "saleId",
  "sku",
  "method",
  "state",
  "amount",
  "currency",
  "error",
  "version",
  "updatedAtMs",
] as const satisfies readonly (keyof PaymentRow)[];

/** The columns of a message that are its event's to say. */
export const MESSAGE_FIELDS = [
  "kind",
  "priority",
  "saleId",
  "orderId",
  "createdAtMs",
  "facts",
] as const satisfies readonly (keyof ToldMessage)[];

/** The row of the attempt that an order is at; `null` before the first. */
export function paymentRow(order: OrderRow): PaymentRow | null {
  const { orderId, saleId, sku, amount, currency, version, updatedAtMs } = order;
  if (order.paymentState === null || order.paymentAttempts === 0) return null;
  return {
    orderId,
    attempt: order.paymentAttempts,
    saleId,
    sku,
    method: order.paymentMethod ?? "card",
    state: order.paymentState,
    amount,
    currency,
    error: order.paymentError,
    version,
    updatedAtMs,
  };
}

/** What an event tells its shopper; `null` when nothing. */
export function dueMessage(sku: string, event: LedgerEvent): ToldMessage | null {
  const { type, order, sequence, atMs: createdAtMs } = event;
  const kind = kindOf(type);
  if (!kind || !order) return null;
  const { shopper, saleId, orderId } = order;
  const named = { eventId: eventId(itemChain(sku), sequence), shopper, kind, saleId, orderId };
  return {
    ...named,
    priority: priorityOf(kind),
    createdAtMs,
    facts: JSON.stringify(factsOf(order)),
  };
}

/** What the events of one order come to. */
export interface ExpectedRows {
  order: OrderRow | null;
  payments: PaymentRow[];
  messages: ToldMessage[];
}

/** The rows that these events of one order come to, oldest first. */
export function expectedRows(sku: string, events: readonly LedgerEvent[]): ExpectedRows {
  const payments = new Map<number, PaymentRow>();
  const messages: ToldMessage[] = [];
  for (const event of events) {
    const payment = event.order && paymentRow(event.order);
    if (payment) payments.set(payment.attempt, payment);
    const message = dueMessage(sku, event);
    if (message) messages.push(message);
  }
  return { order: events.at(-1)?.order ?? null, payments: [...payments.values()], messages };
}

/** What stands for an order's row. */
export function orderDigest(order: OrderRow): number {
  return digestOf(ORDER_FIELDS.map((field) => order[field] ?? null));
}

/** What stands for an attempt's row. */
export function paymentDigest(payment: PaymentRow): number {
  return digestOf([payment.attempt, ...PAYMENT_FIELDS.map((field) => payment[field])]);
}

/** What stands for all messages up to this one, in the order of their events. */
export function toldDigest(before: number, message: ToldMessage): number {
  const { eventId: id, shopper } = message;
  return digestOf([before, id, shopper, ...MESSAGE_FIELDS.map((field) => message[field])]);
}

/** The sequence in an event's id; `null` for one of another chain. */
export function sequenceOf(sku: string, id: string): number | null {
  const prefix = `${itemChain(sku)}/`;
  const digits = id.slice(prefix.length);
  return id.startsWith(prefix) && /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : null;
}

function digestOf(values: readonly unknown[]): number {
  return parseInt(sha256Hex(JSON.stringify(values)).slice(0, DIGEST_HEX_DIGITS), 16);
}
