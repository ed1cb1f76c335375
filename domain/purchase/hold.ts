import { assert } from "../assert.ts";
import type { Origin } from "../books/actor.ts";
import type { Money } from "../money.ts";
import type { Payment } from "./payment.ts";
import type { StockLevel } from "./sale.ts";

/** The states of an order. */
export const ORDER_STATUSES = [
  "RESERVED",
  "PAYMENT_PENDING",
  "CONFIRMED",
  "EXPIRED",
  "PAYMENT_FAILED",
  "CANCELLED",
  "REFUNDED",
] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Units of one item held for one shopper, and the order they become. Keyed by its order id. */
export interface Hold {
  orderId: string;
  shopper: string;
  /** The place in line that bought. */
  number: number;
  idempotencyKey: string;
  bodyHash: string;
  /** What stands for the network that it came from; only where units are counted by network. */
  address?: string;
  /** What stands for the card and the postal address of the latest checkout; only where units are counted by them. */
  card?: string;
  postalAddress?: string;
  quantity: number;
  total: Money;
  createdAtMs: number;
  expiresAtMs: number;
  status: OrderStatus;
  /** Grows with every change; the higher version of an order wins everywhere. */
  version: number;
  updatedAtMs: number;
  payment: Payment | null;
  /** The purchase's place in a trace: what the system does about the order is part of it. */
  traceparent?: string;
  /** Why a person has to look, though the payment goes on; empty once they have. */
  suspicion?: string;
  /** Checkouts that were accepted, so that a repeat gets the same answer. */
  checkouts: { idempotencyKey: string; bodyHash: string }[];
}

/** What can happen to a hold after it was reserved. */
export type HoldTransition =
  | "payment_pending"
  | "action_required"
  | "payment_declined"
  | "confirmed"
  | "cash_confirmed"
  | "payment_failed"
  | "expired"
  | "cancelled"
  | "captured"
  | "voiding"
  | "voided"
  | "refunding"
  | "refunded"
  | "paid_back"
  | "called_off"
  | "attention"
  | "retried"
  | "resolved";

interface Rule {
  from: readonly OrderStatus[];
  /** `null`: the status stays. */
  to: OrderStatus | null;
  /** Where the hold's units go. */
  units: "stay" | "sell" | "free" | "return";
}

/** Where money may still move after the order itself has come to its end. */
const GIVEN_UP = ["RESERVED", "PAYMENT_FAILED", "CANCELLED"] as const;
/** Where a payment may have something open. */
const WITH_PAYMENT = [...GIVEN_UP, "CONFIRMED", "REFUNDED"] as const;

/** Where a person may have to look: a notice of another sum comes whenever it likes. */
const WITH_DOUBT = [...WITH_PAYMENT, "PAYMENT_PENDING"] as const;

/** The one table of transitions. Whatever is not in it is refused. */
export const HOLD_TRANSITIONS: Readonly<Record<HoldTransition, Rule>> = {
  payment_pending: { from: ["RESERVED"], to: "PAYMENT_PENDING", units: "stay" },
  action_required: { from: ["PAYMENT_PENDING"], to: null, units: "stay" },
  payment_declined: { from: ["PAYMENT_PENDING"], to: "RESERVED", units: "stay" },
  confirmed: { from: ["PAYMENT_PENDING"], to: "CONFIRMED", units: "sell" },
  cash_confirmed: { from: ["RESERVED"], to: "CONFIRMED", units: "sell" },
  payment_failed: { from: ["PAYMENT_PENDING", "RESERVED"], to: "PAYMENT_FAILED", units: "free" },
  expired: { from: ["RESERVED"], to: "EXPIRED", units: "free" },
  cancelled: { from: ["RESERVED"], to: "CANCELLED", units: "free" },
  captured: { from: ["CONFIRMED"], to: null, units: "stay" },
  voiding: { from: WITH_PAYMENT, to: null, units: "stay" },
  voided: { from: [...GIVEN_UP, "REFUNDED"], to: null, units: "stay" },
  refunding: { from: WITH_PAYMENT, to: null, units: "stay" },
  refunded: { from: ["CONFIRMED"], to: "REFUNDED", units: "return" },
  paid_back: { from: [...GIVEN_UP, "REFUNDED"], to: null, units: "stay" },
  called_off: { from: ["CONFIRMED"], to: "CANCELLED", units: "return" },
  attention: { from: WITH_DOUBT, to: null, units: "stay" },
  retried: { from: WITH_PAYMENT, to: null, units: "stay" },
  resolved: { from: WITH_DOUBT, to: null, units: "stay" },
};

/** Statuses whose units count against a shopper's limit as bought: refunded ones do, or one could try for ever. */
export const BOUGHT_STATUSES: readonly OrderStatus[] = ["CONFIRMED", "REFUNDED"];

/** Statuses whose units count against a card and a postal address: being paid, or bought. */
export const PAID_STATUSES: readonly OrderStatus[] = ["PAYMENT_PENDING", ...BOUGHT_STATUSES];

/** All statuses whose units count against a shopper's limit, or a network's. */
export const COUNTED_STATUSES: readonly OrderStatus[] = ["RESERVED", ...PAID_STATUSES];

/** One change of one hold, with the item's counters after it. */
export interface HoldChange extends Origin {
  type: HoldTransition | "reserved" | "offered";
  hold: Hold;
  level: StockLevel;
  /** Why, where a person or a provider decided it. */
  reason?: string;
}

/** Checks `stock = available + held + sold`, all of them 0 or more. */
export function assertBalanced(level: StockLevel): void {
  const { stock, available, held, sold } = level;
  assert(
    available >= 0 && held >= 0 && sold >= 0 && available + held + sold === stock,
    `stock ${stock} = available ${available} + held ${held} + sold ${sold}`,
  );
}

/** Applies a transition; `null` when the hold is not in a status that allows it. */
export function transition(
  hold: Hold,
  level: StockLevel,
  type: HoldTransition,
  nowMs: number,
  payment: Payment | null = hold.payment,
): HoldChange | null {
  const rule = HOLD_TRANSITIONS[type];
  if (!rule.from.includes(hold.status)) return null;
  const next = { ...level };
  if (rule.units === "sell" || rule.units === "free") next.held -= hold.quantity;
  if (rule.units === "sell") next.sold += hold.quantity;
  if (rule.units === "return") next.sold -= hold.quantity;
  if (rule.units === "free" || rule.units === "return") next.available += hold.quantity;
  assertBalanced(next);
  return {
    type,
    hold: {
      ...hold,
      status: rule.to ?? hold.status,
      version: hold.version + 1,
      updatedAtMs: nowMs,
      payment,
    },
    level: next,
  };
}

/** When time alone changes a hold: it expires, or its payment is given up; `null` when never. */
export function lapsesAtMs(hold: Hold): number | null {
  if (hold.status === "RESERVED") return hold.expiresAtMs;
  return hold.status === "PAYMENT_PENDING" && hold.payment ? hold.payment.deadlineMs : null;
}

/** When the provider has to be asked about a hold's payment; `null` when nothing is open. */
export function asksAtMs(hold: Hold): number | null {
  return hold.payment?.nextAttemptAtMs ?? null;
}
