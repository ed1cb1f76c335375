/** An order and its money in words. No page, no clock in here. */
import type { Order, OrderStatus } from "./contract.ts";
import { formatClock } from "./format.ts";

/** Authorisations that a shopper may try for one order; the shop counts, this only tells. */
export const ATTEMPTS_MAX = 3;
/** How long the shop waits for a bank. */
export const BANK_WAIT_MS = 90_000;
/** A bank that has not answered for this long is told to be slow. */
const SLOW_AFTER_MS = 8_000;

const STATUS_WORDS: Readonly<Record<OrderStatus, string>> = {
  RESERVED: "Reserved, not paid yet",
  PAYMENT_PENDING: "Payment under way",
  CONFIRMED: "Confirmed",
  SHIPPED: "On its way",
  DELIVERED: "Delivered",
  EXPIRED: "Reservation ran out",
  PAYMENT_FAILED: "Payment failed",
  CANCELLED: "Cancelled",
  REFUNDED: "Refunded",
};

/** How an order stands, in a few words. */
export function statusWords(order: Order): string {
  if (needsBank(order)) {
    return "Your bank has a question";
  }
  return isBeingRefunded(order) ? "Refund under way" : STATUS_WORDS[order.status];
}

/** Whether the shopper has to act at the bank before the payment goes on. */
export function needsBank({ status, nextAction }: Order): boolean {
  return status === "PAYMENT_PENDING" && nextAction != null;
}

const MOVING_BACK: ReadonlySet<string> = new Set(["voiding", "refunding"]);

/** Whether money of this order is on its way back, so that the order is still worth asking for. */
export function isMoneyMoving({ payment }: Order): boolean {
  return MOVING_BACK.has(payment?.status ?? "");
}

/** Whether the shop has taken a made order back and its money is not back yet. */
export function isBeingRefunded(order: Order): boolean {
  return order.status === "CONFIRMED" && isMoneyMoving(order);
}

/** Reasons as the sandbox and card networks give them; what a thief had better not learn stays out. */
const DECLINE_REASONS: Readonly<Record<string, string>> = {
  insufficient_funds: "There is not enough money on the card.",
  timeout: "Your bank did not answer in time.",
  voided: "The payment was called off.",
  expired_card: "The card has expired.",
  incorrect_cvc: "The security code of the card was not right.",
  declined_at_bank: "The payment was declined at your bank.",
  authentication_failed: "Your bank did not get your approval.",
};

/** Why a payment was declined, as a sentence. */
export function declineReason(error: string): string {
  return DECLINE_REASONS[error] ?? "Your bank said no to this card.";
}

/** How many payments may still be tried. */
export function attemptsLeft({ payment }: Order): number {
  return Math.max(0, ATTEMPTS_MAX - (payment?.attempts ?? 0));
}

/** Whether the payment that was tried last was declined, and another may be tried. */
export function wasDeclined({ status, payment }: Order): boolean {
  return status === "RESERVED" && (payment?.lastError ?? null) !== null;
}

/** What the hold's panel says above the ways to pay. */
export function holdText(order: Order, isOver: boolean): string {
  if (isOver) {
    return "The time is up. Checking what became of the order…";
  }
  if (!wasDeclined(order)) {
    return "Nobody else can buy it meanwhile.";
  }
  const left = attemptsLeft(order);
  const tries = left === 1 ? "one more time" : `${left} more times`;
  return `${declineReason(order.payment?.lastError ?? "")} Nothing was charged, and it is still reserved for you. You can try ${tries} before the time is up.`;
}

/** What is told while a payment runs. */
export interface PayingText {
  readonly heading: string;
  readonly text: string;
  /** How long the shop goes on asking, as on a stopwatch; null where that need not be known. */
  readonly left: string | null;
}

/** Puts a payment under way into words. */
export function payingText({ payment }: Order, nowMs: number): PayingText {
  const leftMs = Date.parse(payment?.deadline ?? "") - nowMs;
  if (leftMs <= 0) {
    return {
      heading: "Calling the payment off",
      text: "Your bank did not answer in time. Making sure that nothing is charged…",
      left: null,
    };
  }
  if (leftMs < BANK_WAIT_MS - SLOW_AFTER_MS) {
    return {
      heading: "Your bank is taking its time",
      text: "The shop goes on asking. You are charged once at most, and it stays reserved for you meanwhile. Without an answer the payment is called off, and nothing is charged.",
      left: formatClock(leftMs),
    };
  }
  return {
    heading: "Asking your bank",
    text: "This usually takes a few seconds. It goes on if you close the page; the order is then under Your orders.",
    left: null,
  };
}

/** What an end says, and which way leads on. */
export interface Ending {
  readonly heading: string;
  readonly text: string;
  readonly next: "join" | "buy" | "list" | null;
}

const ENDINGS: Readonly<Partial<Record<OrderStatus, (order: Order) => Ending>>> = {
  EXPIRED: () => ({
    heading: "Your reservation ran out",
    text: "The payment did not come in time, so it went back to the shop. Nothing was charged.",
    next: "buy",
  }),
  PAYMENT_FAILED: (order) => ({
    heading: "The payment failed",
    text: `${failureReason(order)} What was reserved went back to the shop. ${moneyText(order)}`,
    next: "buy",
  }),
  CANCELLED: (order) => ({
    heading: "Cancelled",
    text: `The order was cancelled. ${moneyText(order)}`,
    next: "buy",
  }),
  REFUNDED: (order) => ({ heading: "Refunded", text: moneyText(order), next: null }),
};

/** The end of an order that did not come about or was taken back; undefined for one that is open or made. */
export function orderEnding(order: Order): Ending | undefined {
  return isBeingRefunded(order)
    ? {
        heading: "Your refund is under way",
        text: `The shop has taken this order back. ${moneyText(order)}`,
        next: null,
      }
    : ENDINGS[order.status]?.(order);
}

function failureReason(order: Order): string {
  const error = order.payment?.lastError ?? "";
  if (error === "timeout") {
    return declineReason(error);
  }
  return attemptsLeft(order) === 0
    ? `${declineReason(error)} That was the last try.`
    : "No payment went through while it was reserved for you.";
}

const MONEY_WORDS: Readonly<Record<string, string>> = {
  voiding: "The bank is being told to release what it may have set aside on your card.",
  refunding: "The money is on its way back to your card. This page tells you when it has left.",
  refunded: "The shop has given your money back. It may take your bank some days to show it.",
  by_hand: "The shop has settled it by hand. Ask it if your money is not back.",
  on_delivery: "There is nothing to pay.",
};

/** Where the money is, by how the payment of an order that came to nothing stands. */
function moneyText({ payment }: Order): string {
  return MONEY_WORDS[payment?.status ?? ""] ?? "Nothing was charged.";
}
