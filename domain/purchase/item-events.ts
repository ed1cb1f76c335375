import type { LedgerType } from "./ledger.ts";

/** What an attempt to pay has come to, as others are told. */
export const PAYMENT_RESULTS = ["declined", "failed", "captured", "voided", "refunded"] as const;

/** Who has given up an order that nothing was paid for. */
export const CANCELLED_BY = ["shopper", "staff"] as const;

/** The domain event that a row of a ledger is told as, with what its kind alone says. */
export type ItemEvent =
  | { type: "PaymentProcessed"; status: (typeof PAYMENT_RESULTS)[number] }
  | { type: "OrderCancelled"; by: (typeof CANCELLED_BY)[number] }
  | {
      type:
        | "InventoryReserved"
        | "WaitlistOffered"
        | "ReservationFailed"
        | "ReservationExpired"
        | "OrderConfirmed"
        | "OrderRefunded";
    };

/**
 * The one table of what an item's facts are to others: one event, or `null`, and then they are the business of
 * shop, staff and provider alone. `confirmed` tells of the authorisation too; `voiding` and `refunding` are what
 * we mean to do, and told when the provider has done it.
 */
export const ITEM_EVENTS: Readonly<Record<LedgerType, ItemEvent | null>> = {
  created: null,
  restocked: null,
  reserved: { type: "InventoryReserved" },
  offered: { type: "WaitlistOffered" },
  refused: { type: "ReservationFailed" },
  payment_pending: null,
  action_required: null,
  payment_declined: { type: "PaymentProcessed", status: "declined" },
  confirmed: { type: "OrderConfirmed" },
  cash_confirmed: { type: "OrderConfirmed" },
  payment_failed: { type: "PaymentProcessed", status: "failed" },
  expired: { type: "ReservationExpired" },
  cancelled: { type: "OrderCancelled", by: "shopper" },
  captured: { type: "PaymentProcessed", status: "captured" },
  voiding: null,
  voided: { type: "PaymentProcessed", status: "voided" },
  refunding: null,
  refunded: { type: "OrderRefunded" },
  paid_back: { type: "PaymentProcessed", status: "refunded" },
  called_off: { type: "OrderCancelled", by: "staff" },
  attention: null,
  retried: null,
  resolved: null,
  list_joined: null,
  list_left: null,
};
