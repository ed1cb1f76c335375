import { multiplyMoney, type Money } from "../money.ts";
import { refuse, type Refusal } from "../problem.ts";
import { formatTime } from "../time.ts";
import { assertBalanced, transition, type Hold, type HoldChange } from "./hold.ts";
import {
  PAYMENT_ATTEMPTS_MAX,
  PAYMENT_DEADLINE_SECONDS,
  PAYMENT_RESEND_MS,
  retryPauseMs,
  type Payment,
  type PaymentOutcome,
  type PaymentStep,
} from "./payment.ts";
import type { SaleControl, StockLevel } from "./sale.ts";

/*
 * What the single writer of an item decides. Each function takes what is stored, the command and the
 * time, and returns a change to write, the outcome of an earlier one, or a refusal.
 */

/** The item as stored: its terms, the sale's control as last heard, its counters. */
export interface Item {
  saleId: string;
  sku: string;
  price: Money;
  perShopper: number;
  perAddress?: number;
  holdSeconds: number;
  control: SaleControl;
  level: StockLevel;
}

export interface ReserveCommand {
  orderId: string;
  shopper: string;
  number: number;
  passExpiresAtMs: number;
  idempotencyKey: string;
  bodyHash: string;
  quantity: number;
  /** A keyed hash of the network that the request came from; gateways of an older version bring none. */
  address?: string;
}

/** What the shopper already has of this item. */
export interface ShopperUnits {
  held: number;
  bought: number;
}

const NO_UNITS: ShopperUnits = { held: 0, bought: 0 };

/** The network by whose limit a purchase is judged; `null` where there is no such limit or network. */
export function countedAddress(
  { perAddress }: Pick<Item, "perAddress">,
  { address }: Pick<ReserveCommand, "address">,
): string | null {
  return perAddress === undefined ? null : (address ?? null);
}

/** An outcome that was stored before: nothing is written, the first answer is given again. */
export interface Repeat {
  ok: true;
  repeat: true;
  hold: Hold;
}

/** A change to be written. */
export interface Changed {
  ok: true;
  repeat: false;
  change: HoldChange;
}

export type Decision = Changed | Repeat | Refusal;

/**
 * Reserves units. Checks in the contract's order: stored answer, pass, sale, limit, stock; so that
 * the winner whose answer was lost gets it again, also after sold out and after the end.
 */
export function reserve(
  item: Item,
  earlier: Hold | null,
  units: ShopperUnits,
  command: ReserveCommand,
  nowMs: number,
  ofAddress: ShopperUnits = NO_UNITS,
): Decision {
  if (earlier) {
    if (earlier.bodyHash !== command.bodyHash) return refuse("idempotency_conflict");
    return { ok: true, repeat: true, hold: earlier };
  }
  if (item.control.revoked?.includes(command.number) === true) return refuse("pass_invalid");
  if (nowMs >= command.passExpiresAtMs) return refuse("pass_expired");
  const closed = refusalOfSale(item.control, nowMs);
  if (closed) return closed;
  if (units.held + units.bought + command.quantity > item.perShopper)
    return refuse("limit_reached", { scope: "shopper", limit: item.perShopper, ...units });
  const address = countedAddress(item, command);
  const { perAddress = Infinity } = item;
  if (address !== null && ofAddress.held + ofAddress.bought + command.quantity > perAddress)
    return refuse("limit_reached", {
      detail: "All units that may go to one network are taken. They come back when a hold ends.",
      scope: "address",
      limit: perAddress,
      ...ofAddress,
    });
  if (command.quantity > item.level.available) return refuse("sold_out", { waitlist: false });

  const level = {
    ...item.level,
    available: item.level.available - command.quantity,
    held: item.level.held + command.quantity,
  };
  assertBalanced(level);
  const { orderId, shopper, number, idempotencyKey, bodyHash, quantity } = command;
  const hold: Hold = {
    orderId,
    shopper,
    number,
    idempotencyKey,
    bodyHash,
    ...(address === null ? {} : { address }),
    quantity,
    total: multiplyMoney(item.price, quantity),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + item.holdSeconds * 1000,
    status: "RESERVED",
    version: 1,
    updatedAtMs: nowMs,
    payment: null,
    checkouts: [],
  };
  return { ok: true, repeat: false, change: { type: "reserved", hold, level } };
}

/** Why the sale takes no new holds now; `null` when it does. */
export function refusalOfSale(control: SaleControl, nowMs: number): Refusal | null {
  if (control.mode === "ended" || nowMs >= control.endsAtMs) return refuse("sale_ended");
  if (control.mode === "draft" || nowMs < control.startsAtMs)
    return refuse("sale_not_started", { startsAt: formatTime(control.startsAtMs) });
  return control.mode === "paused" ? refuse("sale_paused") : null;
}

export interface CheckoutCommand {
  idempotencyKey: string;
  bodyHash: string;
  paymentToken: string;
}

/** Starts a payment for a reserved order. */
export function checkout(
  hold: Hold,
  level: StockLevel,
  command: CheckoutCommand,
  nowMs: number,
): Decision {
  const { idempotencyKey, bodyHash } = command;
  const earlier = hold.checkouts.find((entry) => entry.idempotencyKey === idempotencyKey);
  if (earlier)
    return earlier.bodyHash === bodyHash
      ? { ok: true, repeat: true, hold }
      : refuse("idempotency_conflict");
  const attempt = (hold.payment?.attempt ?? 0) + 1;
  const payment: Payment = {
    method: "card",
    token: command.paymentToken,
    attempt,
    state: "due",
    nextAttemptAtMs: nowMs,
    deadlineMs: nowMs + PAYMENT_DEADLINE_SECONDS * 1000,
    asked: 0,
    lastError: null,
  };
  const reserved = { ...hold, checkouts: [...hold.checkouts, { idempotencyKey, bodyHash }] };
  const change = transition(reserved, level, "payment_pending", nowMs, payment);
  if (!change || attempt > PAYMENT_ATTEMPTS_MAX)
    return refuse("order_state_conflict", { detail: `The order is ${hold.status}.` });
  return { ok: true, repeat: false, change };
}

/** Cancels a reserved order. A payment that is under way is waited for: it may be charged. */
export function cancel(hold: Hold, level: StockLevel, nowMs: number): Decision {
  if (hold.status === "CANCELLED") return { ok: true, repeat: true, hold };
  const change = transition(hold, level, "cancelled", nowMs);
  if (!change) return refuse("order_state_conflict", { detail: `The order is ${hold.status}.` });
  return { ok: true, repeat: false, change };
}

/**
 * What time alone does to a hold: it expires, or fails when a payment was declined before; a payment
 * that is still unknown at its deadline is given up and voided. `null` when nothing is due. It is dated
 * by when it was due, so that readers who judge it before it is written say the same as it will.
 */
export function lapse(hold: Hold, level: StockLevel, nowMs: number): HoldChange | null {
  const { payment } = hold;
  if (hold.status === "RESERVED" && nowMs >= hold.expiresAtMs)
    return transition(hold, level, payment ? "payment_failed" : "expired", hold.expiresAtMs);
  if (hold.status === "PAYMENT_PENDING" && payment && nowMs >= payment.deadlineMs) {
    const given: Payment = { ...payment, state: "voiding", nextAttemptAtMs: nowMs, asked: 0 };
    const failed = { ...given, lastError: "timeout" };
    return transition(hold, level, "payment_failed", payment.deadlineMs, failed);
  }
  return null;
}

/** What the consumer of a payment does after its report, and what is written. */
export interface PaymentDecision {
  next: PaymentStep | null;
  change: HoldChange | null;
  /** The payment's new schedule when nothing else about the hold changes. */
  rescheduled: Payment | null;
}

const NOTHING: PaymentDecision = { next: null, change: null, rescheduled: null };

/**
 * Takes a provider's outcome, fenced by attempt and state: late and doubled reports change nothing.
 * An authorisation that comes after its hold was given up is voided, so that nobody pays for nothing.
 */
export function settlePayment(
  hold: Hold,
  level: StockLevel,
  attempt: number,
  outcome: PaymentOutcome,
  nowMs: number,
): PaymentDecision {
  const { payment } = hold;
  if (!payment || payment.attempt !== attempt)
    return outcome.kind === "authorised" ? { ...NOTHING, next: "void" } : NOTHING;
  const waitsForAuthorisation = hold.status === "PAYMENT_PENDING" && payment.state === "due";
  switch (outcome.kind) {
    case "authorised": {
      if (payment.state === "authorised") return { ...NOTHING, next: "capture" };
      if (payment.state === "captured") return NOTHING;
      if (!waitsForAuthorisation) return { ...NOTHING, next: "void" };
      const nextAttemptAtMs = nowMs + PAYMENT_RESEND_MS;
      const authorised: Payment = { ...payment, state: "authorised", nextAttemptAtMs, asked: 1 };
      const change = transition(hold, level, "confirmed", nowMs, authorised);
      return { next: "capture", change, rescheduled: null };
    }
    case "declined": {
      if (!waitsForAuthorisation) return NOTHING;
      const declined: Payment = {
        ...payment,
        state: "declined",
        nextAttemptAtMs: null,
        lastError: outcome.reason,
      };
      const over = nowMs >= hold.expiresAtMs || attempt >= PAYMENT_ATTEMPTS_MAX;
      const type = over ? "payment_failed" : "payment_declined";
      return { ...NOTHING, change: transition(hold, level, type, nowMs, declined) };
    }
    case "captured": {
      if (payment.state !== "authorised") return NOTHING;
      const captured: Payment = { ...payment, state: "captured", nextAttemptAtMs: null };
      return { ...NOTHING, change: transition(hold, level, "captured", nowMs, captured) };
    }
    case "voided": {
      if (payment.state !== "voiding") return NOTHING;
      const voided: Payment = { ...payment, state: "voided", nextAttemptAtMs: null };
      return { ...NOTHING, change: transition(hold, level, "voided", nowMs, voided) };
    }
    case "unknown": {
      if (payment.nextAttemptAtMs === null) return NOTHING;
      const nextAttemptAtMs = nowMs + retryPauseMs(payment.asked);
      return { ...NOTHING, rescheduled: { ...payment, nextAttemptAtMs } };
    }
  }
}

/** Adds or withdraws stock; never below what is held and sold. */
export function restock(level: StockLevel, quantity: number): StockLevel | Refusal {
  const next = {
    ...level,
    stock: level.stock + quantity,
    available: level.available + quantity,
  };
  if (next.available < 0)
    return refuse("validation_failed", {
      errors: [
        { path: "quantity", message: `At most ${level.available} unsold units can be withdrawn.` },
      ],
    });
  assertBalanced(next);
  return next;
}
