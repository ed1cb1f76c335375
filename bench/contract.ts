/**
 * The parts of the HTTP contract that the drivers read. Answers are taken at their word here and
 * judged in `checks.ts`: a driver that validated every poll would measure itself.
 */

/** Minor units with an ISO 4217 code. */
export interface Money {
  amount: number;
  currency: string;
}

/** Where a shopper stands in the line. */
export type QueueState =
  | "early"
  | "waiting"
  | "admitted"
  | "lapsed"
  | "expired"
  | "left"
  | "closed";

/** Answer of join, poll and claim. `ahead` and `number` are null while no place is given. */
export interface QueueView {
  state: QueueState;
  reason: "sold_out" | "ended" | "revoked" | "rejected" | null;
  number: number | null;
  ahead: number | null;
  pollAfterMs: number;
  nowServing: number | null;
  ticket?: string;
  pass?: string;
  passExpiresAt?: string;
}

/** States of an order; `SHIPPED` and `DELIVERED` follow `CONFIRMED`. */
export type OrderStatus =
  | "RESERVED"
  | "PAYMENT_PENDING"
  | "CONFIRMED"
  | "SHIPPED"
  | "DELIVERED"
  | "EXPIRED"
  | "PAYMENT_FAILED"
  | "CANCELLED"
  | "REFUNDED";

/** An order as its shopper or the admin list sees it. `version` only grows. */
export interface Order {
  orderId: string;
  saleId: string;
  sku: string;
  quantity: number;
  total: Money;
  status: OrderStatus;
  version: number;
  createdAt: string;
  payment?: { status: string; attempts: number; lastError?: string | null };
}

/** The 202 of a purchase. */
export interface HoldAnswer {
  orderId: string;
  status: OrderStatus;
  expiresAt: string;
  total: Money;
}

/** One row of a SKU's ledger; the counters are those after the row. */
export interface LedgerRow {
  sequence: number;
  at: string;
  type: string;
  orderId?: string | null;
  quantity: number;
  available: number;
  held: number;
  sold: number;
}

/** What one SKU object counted since it woke. */
export interface SkuCounters {
  sku: string;
  calls?: Record<string, number>;
  commits?: number;
  commands?: number;
  refusals?: Record<string, number> | number;
}

/** The admin summary of a sale. Everything beyond `sold` may be missing. */
export interface SaleSummary {
  sold?: number;
  revenue?: Money;
  orders?: { byStatus?: Partial<Record<OrderStatus, number>> };
  shoppers?: number;
  oversold?: number;
  soldOutAt?: string | null;
  objects?: {
    skus?: SkuCounters[];
    sequencer?: { calls?: Record<string, number> | number; peakInside?: number };
    lanes?: { calls?: Record<string, number> | number };
  };
}

/** The stable part of an RFC 9457 problem. */
export interface Problem {
  code?: string;
  detail?: string;
  retryAfterSeconds?: number;
}

/** Reads a JSON body; null when it is not JSON, so that the caller can name the call. */
export function parseJson<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}
