import { ITEM_EVENTS } from "../purchase/item-events.ts";
import type { LedgerType, OrderRow } from "../purchase/ledger.ts";

/** What messages tell their shoppers. */
export const MESSAGE_KINDS = [
  "reserved",
  "offered",
  "confirmed",
  "failed",
  "expired",
  "cancelled",
  "refunded",
  "sale_started",
] as const;

export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** What is short-lived goes in front of what can wait. */
export const MESSAGE_PRIORITIES = ["high", "normal", "low"] as const;

export type MessagePriority = (typeof MESSAGE_PRIORITIES)[number];

/** What names one message: a fact, and whom it is told. */
export interface MessageRef {
  /** As `eventId` in domain/books/chain.ts makes it. */
  eventId: string;
  shopper: string;
}

/** A reference with the queue that it goes to. */
export interface DueMessage extends MessageRef {
  priority: MessagePriority;
}

/** What a message's text is made of, as its event tells it; rows of another version may lack any of it. */
export interface MessageFacts {
  quantity?: number;
  /** The whole order's, in minor units. */
  amount?: number;
  currency?: string;
  expiresAtMs?: number;
  /** `card` or `cod`. */
  paymentMethod?: string;
}

const PRIORITIES: Readonly<Record<MessageKind, MessagePriority>> = {
  reserved: "high",
  offered: "high",
  confirmed: "normal",
  failed: "normal",
  expired: "normal",
  cancelled: "normal",
  refunded: "normal",
  sale_started: "low",
};

/** The queue of a kind of message. */
export function priorityOf(kind: MessageKind): MessagePriority {
  return PRIORITIES[kind];
}

/** What a ledger event tells the shopper of its order, by the domain event that it is; `null` when nothing. */
export function kindOf(type: LedgerType): MessageKind | null {
  const told = ITEM_EVENTS[type];
  switch (told?.type) {
    case "InventoryReserved":
      return "reserved";
    case "WaitlistOffered":
      return "offered";
    case "ReservationExpired":
      return "expired";
    case "PaymentProcessed":
      return told.status === "failed" ? "failed" : null;
    case "OrderConfirmed":
      return "confirmed";
    case "OrderCancelled":
      return "cancelled";
    case "OrderRefunded":
      return "refunded";
    case "ReservationFailed":
    case undefined:
      return null;
  }
}

/** What the text of an order's message is made of. */
export function factsOf(order: OrderRow): MessageFacts {
  const { quantity, amount, currency, expiresAtMs, paymentMethod } = order;
  return {
    quantity,
    amount,
    currency,
    expiresAtMs,
    ...(paymentMethod === null ? {} : { paymentMethod }),
  };
}
