import type { LedgerRow } from "./contract.ts";
import type { MessageRead } from "./contract-books.ts";

/**
 * A second bookkeeper's account of what a row of the ledger has its shopper told, for drivers and the simulator,
 * written from the contract; a test says when the product tells something else.
 */
const TOLD: Readonly<Record<string, string>> = {
  reserved: "reserved",
  offered: "offered",
  confirmed: "confirmed",
  cash_confirmed: "confirmed",
  payment_failed: "failed",
  expired: "expired",
  cancelled: "cancelled",
  called_off: "cancelled",
  refunded: "refunded",
};

/** What is told of a row of this type; `null`: nothing. */
export function toldOf(type: string): string | null {
  return TOLD[type] ?? null;
}

/** A message that somebody has to have, about an order. */
export type DueMessage = Required<MessageRead>;

/** Every message that is due for the rows of an item, by the id of its event. */
export function messagesDue(sku: string, ledger: readonly LedgerRow[]): Map<string, DueMessage> {
  const due = new Map<string, DueMessage>();
  for (const { orderId, sequence, type } of ledger) {
    const kind = toldOf(type);
    if (kind === null || orderId === undefined || orderId === null) continue;
    const id = `item/${sku}/${sequence}`;
    due.set(id, { id, kind, orderId });
  }
  return due;
}
