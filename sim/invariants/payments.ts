import { holdOf, type HoldRow } from "../../durable-objects/stored-hold.ts";
import type { DatabaseSync } from "node:sqlite";
import type { Breaker } from "../../domain/purchase/breaker.ts";
import { stepOf, type PaymentDue } from "../../domain/purchase/payment.ts";
import { rowOf, rowsOf } from "./tables.ts";

/** What a breaker has been through. */
export class BreakerWatch {
  readonly #database: DatabaseSync;
  readonly #cover: (name: string) => void;
  #wasOpen = false;

  constructor(database: DatabaseSync, cover: (name: string) => void) {
    this.#database = database;
    this.#cover = cover;
  }

  afterCommit(): void {
    const row = rowOf<{ body: string }>(this.#database, "SELECT body FROM breaker");
    if (!row) return;
    const isOpen = (JSON.parse(row.body) as Breaker).openUntilMs !== null;
    if (isOpen !== this.#wasOpen) this.#cover(isOpen ? "breaker.opened" : "breaker.closed");
    this.#wasOpen = isOpen;
  }
}

/**
 * Whether a payment whose message ended in the dead letters still waits for nothing but that message,
 * and no person has ever been told of it.
 */
export function isForgotten(item: DatabaseSync, due: PaymentDue): boolean {
  const { orderId, attempt, step, asked } = due;
  const row = rowOf<HoldRow>(item, "SELECT * FROM hold WHERE order_id = ?", orderId);
  const hold = row && holdOf(row);
  const payment = hold?.payment;
  // An authorisation has its deadline instead.
  if (!payment || hold.status === "PAYMENT_PENDING") return false;
  const isSame = payment.attempt === attempt && payment.asked === asked;
  if (!isSame || payment.nextAttemptAtMs === null || stepOf(payment) !== step) return false;
  const told = rowsOf<{ event: string }>(item, "SELECT event FROM ledger WHERE type = 'attention'");
  return !told.some(({ event }) => event.includes(`"${orderId}"`));
}
