import type { OrderStatus } from "./contract.ts";

/** What a row of an order means: its status after it, and where each of its units goes. */
export interface RowMeaning {
  /** `null`: it stays what it was. */
  status: OrderStatus | null;
  /** Change of the item's counters for one unit; what neither holds nor sells is available. */
  held: -1 | 0 | 1;
  sold: -1 | 0 | 1;
}

const STAYS: RowMeaning = { status: null, held: 0, sold: 0 };
const HELD: RowMeaning = { status: "RESERVED", held: 1, sold: 0 };
const SOLD: RowMeaning = { status: "CONFIRMED", held: -1, sold: 1 };

/**
 * The driver's own account of every type of row about an order, written from the contract, so that it
 * judges the product's; a test says when the product has a type that is missing here.
 */
const ROW_MEANINGS: Readonly<Record<string, RowMeaning>> = {
  reserved: HELD,
  offered: HELD,
  payment_pending: { status: "PAYMENT_PENDING", held: 0, sold: 0 },
  action_required: STAYS,
  payment_declined: { status: "RESERVED", held: 0, sold: 0 },
  confirmed: SOLD,
  cash_confirmed: SOLD,
  payment_failed: { status: "PAYMENT_FAILED", held: -1, sold: 0 },
  expired: { status: "EXPIRED", held: -1, sold: 0 },
  cancelled: { status: "CANCELLED", held: -1, sold: 0 },
  captured: STAYS,
  voiding: STAYS,
  voided: STAYS,
  refunding: STAYS,
  refunded: { status: "REFUNDED", held: 0, sold: -1 },
  paid_back: STAYS,
  called_off: { status: "CANCELLED", held: 0, sold: -1 },
  attention: STAYS,
  retried: STAYS,
  resolved: STAYS,
};

/** The types that the driver knows. */
export const KNOWN_TYPES: readonly string[] = Object.keys(ROW_MEANINGS);

/** What a row of this type means; `null` for a type that the driver does not know. */
export function meaningOf(type: string): RowMeaning | null {
  return ROW_MEANINGS[type] ?? null;
}
