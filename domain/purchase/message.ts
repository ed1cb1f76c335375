import type { LedgerType } from "./ledger.ts";

/** A message that a shopper gets about an order: one of each kind and order. */
export interface MessageTemplate {
  kind: "reserved" | "offered" | "confirmed" | "failed" | "expired" | "cancelled" | "refunded";
  /** What is short-lived goes in front of what can wait. */
  priority: "high" | "normal" | "low";
  subject: string;
}

/** What a ledger event tells its shopper; `null` when nothing. */
export function messageOf(type: LedgerType): MessageTemplate | null {
  switch (type) {
    case "reserved":
      return { kind: "reserved", priority: "high", subject: "Your items are reserved" };
    case "offered":
      return {
        kind: "offered",
        priority: "high",
        subject: "Your turn has come: your items are reserved",
      };
    case "confirmed":
    case "cash_confirmed":
      return { kind: "confirmed", priority: "normal", subject: "Your order is confirmed" };
    case "payment_failed":
      return { kind: "failed", priority: "normal", subject: "Your payment did not go through" };
    case "expired":
      return { kind: "expired", priority: "normal", subject: "Your reservation has expired" };
    case "cancelled":
    case "called_off":
      return { kind: "cancelled", priority: "normal", subject: "Your order is cancelled" };
    case "refunded":
      return { kind: "refunded", priority: "normal", subject: "Your money is on its way back" };
    case "created":
    case "restocked":
    case "payment_pending":
    case "payment_declined":
    case "action_required":
    case "captured":
    case "voiding":
    case "voided":
    case "refunding":
    case "paid_back":
    case "attention":
    case "retried":
    case "resolved":
      return null;
  }
}
