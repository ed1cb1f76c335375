import type { Origin } from "../books/actor.ts";
import type { Hold, HoldTransition } from "./hold.ts";
import type { StockLevel } from "./sale.ts";

/** Everything that is written in an item's ledger. */
export type LedgerType =
  | "created"
  | "restocked"
  | "reserved"
  | "offered"
  | HoldTransition
  /** Purchases that were refused since the last such row, counted. */
  | "refused"
  /** Somebody waits for units from now on, or for another quantity; or does not wait any more. */
  | "list_joined"
  | "list_left";

/** The whole row of an order as everyone but its writer sees it; the higher `version` wins. */
export interface OrderRow {
  orderId: string;
  saleId: string;
  sku: string;
  shopper: string;
  number: number;
  quantity: number;
  amount: number;
  currency: string;
  status: Hold["status"];
  version: number;
  createdAtMs: number;
  expiresAtMs: number;
  updatedAtMs: number;
  paymentState: string | null;
  paymentAttempts: number;
  paymentError: string | null;
  /** `card` or `cod`. */
  paymentMethod: string | null;
  /** Why a person has to look at the payment. */
  paymentAttention: string | null;
  /** Where the shopper has to act before the payment goes on. */
  paymentActionUrl: string | null;
  /** When an authorisation that is not known yet is given up. Rows of older versions, and D1's, lack it. */
  paymentDeadlineMs?: number | null;
}

/** One fact, with the counters after it and the order's whole row. */
export interface LedgerEvent extends Origin {
  sequence: number;
  atMs: number;
  type: LedgerType;
  quantity: number;
  level: StockLevel;
  order: OrderRow | null;
  /** Why, where a person or the provider decided it. */
  reason: string | null;
  /** Who did it; rows of an older version say it only where a person decided. */
  actor?: string;
  /** The place in line of who is meant, where there is no order. */
  number?: number;
  /** How many purchases were refused, by the code of the refusal. */
  refusals?: Readonly<Record<string, number>>;
}

/** A page of a ledger on its way to a consumer: `events` are `fromSequence` and those after it. */
export interface LedgerPage {
  saleId: string;
  sku: string;
  fromSequence: number;
  events: LedgerEvent[];
  /** The hash of each event, as the item stored it; pages of an older version have none. */
  hashes?: string[];
  /** The text of each event, of a page that came as a text. */
  texts?: readonly string[];
}

/**
 * The text of an event as it is stored and hashed, once; what is read back is never encoded again. What is `null` is left
 * out, since a row is hashed, copied and read many times: readers take what is missing for `null`.
 */
export function encodeEvent(event: LedgerEvent): string {
  const { sequence, atMs, type, quantity, level, order, reason, actor } = event;
  const { address, device, traceparent, number, refusals } = event;
  return JSON.stringify({
    sequence,
    atMs,
    type,
    quantity,
    level,
    order: order && withoutNulls(order),
    reason: reason ?? undefined,
    actor,
    address,
    device,
    traceparent,
    number,
    refusals,
  });
}

/** What a text leaves out; so do those of older versions, where there was no such field yet. */
const NOT_SAID = {
  paymentState: null,
  paymentError: null,
  paymentMethod: null,
  paymentAttention: null,
  paymentActionUrl: null,
  paymentDeadlineMs: null,
} satisfies Partial<OrderRow>;

/** The event of such a text. */
export function decodeEvent(text: string): LedgerEvent {
  const event = JSON.parse(text) as LedgerEvent;
  return {
    ...event,
    reason: event.reason ?? null,
    order: event.order && { ...NOT_SAID, ...event.order },
  };
}

function withoutNulls(order: OrderRow): object {
  return {
    ...order,
    paymentState: order.paymentState ?? undefined,
    paymentError: order.paymentError ?? undefined,
    paymentMethod: order.paymentMethod ?? undefined,
    paymentAttention: order.paymentAttention ?? undefined,
    paymentActionUrl: order.paymentActionUrl ?? undefined,
    paymentDeadlineMs: order.paymentDeadlineMs ?? undefined,
  };
}

/** An order's row from its hold. */
export function orderRow(saleId: string, sku: string, hold: Hold): OrderRow {
  const { orderId, shopper, number, quantity, total, status, version, payment } = hold;
  return {
    orderId,
    saleId,
    sku,
    shopper,
    number,
    quantity,
    amount: total.amount,
    currency: total.currency,
    status,
    version,
    createdAtMs: hold.createdAtMs,
    expiresAtMs: hold.expiresAtMs,
    updatedAtMs: hold.updatedAtMs,
    paymentState: payment?.state ?? null,
    paymentAttempts: payment?.attempt ?? 0,
    paymentError: payment?.lastError ?? null,
    paymentMethod: payment?.method ?? null,
    paymentAttention: (hold.suspicion || payment?.attention) ?? null,
    paymentActionUrl: payment?.actionUrl ?? null,
    paymentDeadlineMs: status === "PAYMENT_PENDING" ? (payment?.deadlineMs ?? null) : null,
  };
}
