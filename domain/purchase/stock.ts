import type { Origin } from "../books/actor.ts";
import { multiplyMoney, type Money } from "../money.ts";
import { refuse, type Refusal } from "../problem.ts";
import { formatTime } from "../time.ts";
import {
  countedMeans,
  NOTHING_COUNTED,
  refusalOfMeans,
  withMeans,
  type CheckoutCounts,
  type CheckoutMeans,
} from "./checkout-limits.ts";
import { assertBalanced, transition, type Hold, type HoldChange } from "./hold.ts";
import { PAYMENT_SCHEDULE, PAYMENT_STEPS, type Payment, type PaymentSchedule } from "./payment.ts";
import type { SaleControl, SharedLimits, StockLevel } from "./sale.ts";
import { NO_UNITS, type ShopperUnits } from "./shopper-units.ts";

/*
 * What the single writer of an item decides. Each function takes what is stored, the command and the
 * time, and returns a change to write, the outcome of an earlier one, or a refusal.
 */

/** The item as stored: its terms, the sale's control as last heard, its counters. */
export interface Item extends SharedLimits {
  saleId: string;
  sku: string;
  price: Money;
  perShopper: number;
  holdSeconds: number;
  control: SaleControl;
  level: StockLevel;
  waiting: Waiting;
}

/** Who waits for units of an item. */
export interface Waiting {
  count: number;
  /** The smallest quantity that anybody waits for; `null` when nobody waits, and while nothing is available. */
  least: number | null;
}

/** People who wait for one item: more can hardly ever be served, and each of them polls its one writer. */
export const WAITLIST_MAX_ENTRIES = 10_000;

/** Whether units that are available belong to somebody who waits: then nobody else gets any. */
export function isOwed({ waiting, level }: Pick<Item, "waiting" | "level">): boolean {
  return waiting.least !== null && waiting.least <= level.available;
}

/** Whether one more may wait. */
export function hasRoomToWait({ waiting }: Pick<Item, "waiting">): boolean {
  return waiting.count < WAITLIST_MAX_ENTRIES;
}

export interface ReserveCommand {
  orderId: string;
  shopper: string;
  number: number;
  passExpiresAtMs: number;
  idempotencyKey: string;
  bodyHash: string;
  quantity: number;
  /** A keyed hash of the network that the request came from, where units are counted by it. */
  address?: string;
  /** For the books alone; gateways of an older version bring none. */
  from?: Origin;
}

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
  const overLimit = refusalOfLimits(item, command, units, ofAddress);
  if (overLimit) return overLimit;
  if (command.quantity > item.level.available || isOwed(item))
    return refuse("sold_out", { waitlist: hasRoomToWait(item) });
  return { ok: true, repeat: false, change: holdUnits(item, "reserved", command, nowMs) };
}

/** Why a shopper, or all from one network, may not have so many more; `null` when they may. */
export function refusalOfLimits(
  item: Item,
  wanted: Pick<ReserveCommand, "quantity" | "address">,
  units: ShopperUnits,
  ofAddress: ShopperUnits,
): Refusal | null {
  if (units.held + units.bought + wanted.quantity > item.perShopper)
    return refuse("limit_reached", { scope: "shopper", limit: item.perShopper, ...units });
  const { perAddress = Infinity } = item;
  const isCounted = countedAddress(item, wanted) !== null;
  if (isCounted && ofAddress.held + ofAddress.bought + wanted.quantity > perAddress)
    return refuse("limit_reached", {
      detail: "All units that may go to one network are taken. They come back when a hold ends.",
      scope: "address",
      limit: perAddress,
      ...ofAddress,
    });
  return null;
}

/** Takes units out of what is available and holds them: for a purchase, or for who is offered them. */
export function holdUnits(
  item: Item,
  type: "reserved" | "offered",
  command: Omit<ReserveCommand, "passExpiresAtMs">,
  nowMs: number,
): HoldChange {
  const { orderId, shopper, number, idempotencyKey, bodyHash, quantity, from } = command;
  const address = countedAddress(item, command);
  const level = {
    ...item.level,
    available: item.level.available - quantity,
    held: item.level.held + quantity,
  };
  assertBalanced(level);
  const hold: Hold = {
    orderId,
    shopper,
    number,
    idempotencyKey,
    bodyHash,
    ...(address === null ? {} : { address }),
    ...(from?.traceparent === undefined ? {} : { traceparent: from.traceparent }),
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
  return { type, hold, level };
}

/** Why the sale takes no new holds now; `null` when it does. */
export function refusalOfSale(control: SaleControl, nowMs: number): Refusal | null {
  if (control.mode === "ended" || nowMs >= control.endsAtMs) return refuse("sale_ended");
  if (control.mode === "draft" || nowMs < control.startsAtMs)
    return refuse("sale_not_started", { startsAt: formatTime(control.startsAtMs) });
  return control.mode === "paused" ? refuse("sale_paused") : null;
}

export interface CheckoutCommand extends CheckoutMeans {
  idempotencyKey: string;
  bodyHash: string;
  /** Left out by older callers: `card`. */
  paymentMethod?: Payment["method"];
  /** Empty for cash. */
  paymentToken: string;
  /** When the provider may be asked again whose breaker is open; left out while it is closed. */
  providerOpensAtMs?: number;
  /** For the books alone. */
  from?: Origin;
}

/** Starts a card's payment for a reserved order; with cash on delivery confirms it at once. */
export function checkout(
  hold: Hold,
  level: StockLevel,
  command: CheckoutCommand,
  nowMs: number,
  { attemptsMax, deadlineSeconds }: PaymentSchedule = PAYMENT_SCHEDULE,
  counts: CheckoutCounts = NOTHING_COUNTED,
): Decision {
  const { idempotencyKey, bodyHash, paymentMethod: method = "card" } = command;
  const earlier = hold.checkouts.find((entry) => entry.idempotencyKey === idempotencyKey);
  if (earlier)
    return earlier.bodyHash === bodyHash
      ? { ok: true, repeat: true, hold }
      : refuse("idempotency_conflict");
  const isOpen = hold.payment !== null && PAYMENT_STEPS[hold.payment.state] !== null;
  if (hold.status === "RESERVED" && isOpen)
    return refuse("order_state_conflict", { detail: "An earlier payment is not settled yet." });
  const attempt = (hold.payment?.attempt ?? 0) + 1;
  const payment: Payment = {
    method,
    token: command.paymentToken,
    attempt,
    state: method === "cod" ? "on_delivery" : "due",
    nextAttemptAtMs: method === "cod" ? null : nowMs,
    deadlineMs: nowMs + Math.round(deadlineSeconds * 1000),
    asked: 0,
    lastError: null,
  };
  const reserved: Hold = {
    ...withMeans(hold, countedMeans(counts.limits, method, command)),
    checkouts: [...hold.checkouts, { idempotencyKey, bodyHash }],
  };
  const type = method === "cod" ? "cash_confirmed" : "payment_pending";
  const change = transition(reserved, level, type, nowMs, payment);
  if (!change || attempt > attemptsMax)
    return refuse("order_state_conflict", { detail: `The order is ${hold.status}.` });
  const { providerOpensAtMs: opensAtMs = 0 } = command;
  // A payment that can be made before the hold expires begins, and waits.
  if (method === "card" && opensAtMs > nowMs && opensAtMs >= hold.expiresAtMs)
    return refuse("payment_unavailable", {
      detail: "The payment provider answers nobody at the moment. Nothing was charged.",
      retryAfterSeconds: Math.ceil((opensAtMs - nowMs) / 1000),
    });
  const refusal = refusalOfMeans(counts, method, command, hold.quantity);
  return refusal ?? { ok: true, repeat: false, change };
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
    const failed: Payment = { ...given, lastError: "timeout", actionUrl: null };
    return transition(hold, level, "payment_failed", payment.deadlineMs, failed);
  }
  return null;
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
