import type { Hold } from "../../../domain/purchase/hold.ts";
import type { Payment } from "../../../domain/purchase/payment.ts";
import type { SaleControl, StockLevel } from "../../../domain/purchase/sale.ts";
import type { CheckoutCommand, Item, ReserveCommand } from "../../../domain/purchase/stock.ts";
import { QUEUE_DEFAULTS, type QueueSettings } from "../../../domain/queue/settings.ts";
import { parseKeyring, type Keyring } from "../../../domain/token.ts";

/*
 * Plain values that tests start from. Each maker gives a fresh value and takes what a test wants to
 * be different. Times are literal and lie in the future: an alarm set for them never fires by itself.
 */

/** 2040-06-01, noon UTC: "now" in tests that look at one moment. */
export const NOON_MS = Date.UTC(2040, 5, 1, 12);
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** A sale that runs: since an hour ago, for another hour. */
export function control(changes: Partial<SaleControl> = {}): SaleControl {
  return {
    mode: "open",
    startsAtMs: NOON_MS - HOUR_MS,
    endsAtMs: NOON_MS + HOUR_MS,
    version: 1,
    ...changes,
  };
}

/** Counters that balance: what is neither held nor sold is available. */
export function level(stock: number, held = 0, sold = 0, sku = "phone"): StockLevel {
  return { sku, stock, available: stock - held - sold, held, sold };
}

/** An item of a running sale: 499.00 EUR, two a shopper, holds of two minutes. */
export function item(changes: Partial<Item> = {}): Item {
  return {
    saleId: "drop",
    sku: "phone",
    price: { amount: 49_900, currency: "EUR" },
    perShopper: 2,
    holdSeconds: 120,
    control: control(),
    level: level(10),
    waiting: { count: 0, least: null },
    ...changes,
  };
}

/** A purchase of one unit by `shopper`, under a pass that is good for an hour. */
export function reservation(
  shopper: string,
  changes: Partial<ReserveCommand> = {},
): ReserveCommand {
  const idempotencyKey = changes.idempotencyKey ?? "key-1";
  return {
    orderId: `order-of-${shopper}-${idempotencyKey}`,
    shopper,
    number: 1,
    passExpiresAtMs: NOON_MS + HOUR_MS,
    idempotencyKey,
    bodyHash: "body-1",
    quantity: 1,
    ...changes,
  };
}

/** A checkout by card. */
export function checkoutOf(changes: Partial<CheckoutCommand> = {}): CheckoutCommand {
  return {
    idempotencyKey: "checkout-1",
    bodyHash: "checkout-body-1",
    paymentToken: "tok_ok",
    ...changes,
  };
}

/** A reserved unit, made at noon. */
export function hold(changes: Partial<Hold> = {}): Hold {
  return {
    orderId: "order-1",
    shopper: "ada",
    number: 1,
    idempotencyKey: "key-1",
    bodyHash: "body-1",
    quantity: 1,
    total: { amount: 49_900, currency: "EUR" },
    createdAtMs: NOON_MS,
    expiresAtMs: NOON_MS + 120 * SECOND_MS,
    status: "RESERVED",
    version: 1,
    updatedAtMs: NOON_MS,
    payment: null,
    checkouts: [],
    ...changes,
  };
}

/** A payment that waits for its first authorisation. */
export function payment(changes: Partial<Payment> = {}): Payment {
  return {
    method: "card",
    token: "tok_ok",
    attempt: 1,
    state: "due",
    nextAttemptAtMs: NOON_MS,
    deadlineMs: NOON_MS + 90 * SECOND_MS,
    asked: 1,
    lastError: null,
    ...changes,
  };
}

/** Queue settings that let everyone in at once, unless a test says otherwise. */
export function queueSettings(changes: Partial<QueueSettings> = {}): QueueSettings {
  return { ...QUEUE_DEFAULTS, newUsersPerMinute: 60_000, totalActiveUsers: 1_000, ...changes };
}

/** A key of 32 equal bytes, as `TOKEN_KEYS` writes it. */
export function keyText(kid: string, byte: number): string {
  return `${kid}:${Buffer.alloc(32, byte).toString("base64url")}`;
}

/** A keyring with one key a kid; the first signs. */
export function keyring(...kids: string[]): Keyring {
  return parseKeyring(kids.map((kid) => keyText(kid, kid.charCodeAt(kid.length - 1))).join(","));
}
