import { CLOCK_ACTOR, PROVIDER_ACTOR, SHOP_ACTOR, type Doer } from "../domain/books/actor.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import { hearNotice, type PaymentNotice } from "../domain/purchase/notice.ts";
import type {
  PaymentDue,
  PaymentOutcome,
  PaymentSchedule,
  PaymentStep,
} from "../domain/purchase/payment.ts";
import { askPayment, deadPayment, settlePayment } from "../domain/purchase/settle-payment.ts";
import type { Runtime } from "./runtime.ts";
import type { SkuOrders } from "./sku-orders.ts";
import type { SkuStore } from "./sku-store.ts";

/** Whatever a provider says, asked or not. */
const BY_PROVIDER: Doer = { actor: PROVIDER_ACTOR };
/** Payments asked for in one go: what one `sendBatch` takes. */
const PAYMENTS_MAX_MESSAGES = 100;

/** What the one who has reported an outcome does next. */
export interface PaymentAnswer {
  ok: true;
  next: PaymentStep | null;
  /** The attempt is not the order's any more: nobody asks for it again. Objects of an older version never say so. */
  isOver?: true;
}

/** The payments of an item: what is due, and what the provider says. Everything belongs into a transaction. */
export class SkuPayments {
  readonly #store: SkuStore;
  readonly #orders: SkuOrders;
  readonly #runtime: Runtime;
  readonly #schedule: PaymentSchedule;

  constructor(store: SkuStore, orders: SkuOrders, runtime: Runtime, schedule: PaymentSchedule) {
    this.#store = store;
    this.#orders = orders;
    this.#runtime = runtime;
    this.#schedule = schedule;
  }

  /** Writes what an outcome comes to, and says what the provider has to do next. */
  settle(
    orderId: string,
    attempt: number,
    outcome: PaymentOutcome,
    nowMs: number,
  ): PaymentAnswer | Refusal {
    const current = this.#orders.current(orderId, nowMs);
    if (!current) return refuse("not_found");
    const { item, hold } = current;
    const random = this.#random();
    const { level } = item;
    const schedule = this.#schedule;
    const decision = settlePayment(hold, level, attempt, outcome, nowMs, random, schedule);
    if (decision.change) this.#orders.write(decision.change, BY_PROVIDER, nowMs);
    if (decision.rescheduled) this.#store.writePayment(hold, decision.rescheduled);
    const { next } = decision;
    const isOver = hold.payment?.attempt !== attempt;
    return { ok: true, next, ...(isOver ? { isOver } : {}) };
  }

  /**
   * Writes what a notice of the provider comes to. `undo` is what has to be asked for an attempt that is
   * not the order's any more: nothing of it is kept here.
   */
  hear(notice: PaymentNotice, nowMs: number): { ok: true; undo: PaymentDue | null } | Refusal {
    const { attempt, orderId } = notice;
    const current = this.#orders.current(orderId, nowMs);
    if (!current) return refuse("not_found");
    const { item, hold } = current;
    const { sku, level } = item;
    const random = this.#random();
    const heard = hearNotice(hold, level, notice, nowMs, random, this.#schedule);
    const { answer, change, undo } = heard;
    if (change) this.#orders.write(change, BY_PROVIDER, nowMs);
    if (!answer.ok) return answer;
    const token = hold.payment?.token ?? "";
    return { ok: true, undo: undo && { sku, orderId, attempt, step: undo, token, ...hold.total } };
  }

  /** Writes what a message comes to that nobody could handle; whether a person has to look at it. */
  takeDead(due: PaymentDue, nowMs: number): { ok: true; needsAttention: boolean } | Refusal {
    const current = this.#orders.current(due.orderId, nowMs);
    if (!current) return refuse("not_found");
    const { item, hold } = current;
    const change = deadPayment(hold, item.level, due, nowMs);
    if (change) this.#orders.write(change, { actor: SHOP_ACTOR }, nowMs);
    return { ok: true, needsAttention: change !== null };
  }

  /** Payments that are due, each with its next attempt stored before it is asked for. */
  takeDue(nowMs: number): PaymentDue[] {
    const messages: PaymentDue[] = [];
    for (const hold of this.#store.asking(nowMs, PAYMENTS_MAX_MESSAGES)) {
      const { sku, level } = this.#orders.item();
      const asking = askPayment(hold, level, nowMs, this.#random(), this.#schedule);
      const { step, rescheduled, change } = asking;
      if (change) this.#orders.write(change, { actor: CLOCK_ACTOR }, nowMs);
      if (rescheduled) this.#store.writePayment(hold, rescheduled);
      if (!step || !rescheduled) continue;
      const { attempt, token, asked } = rescheduled;
      messages.push({ sku, orderId: hold.orderId, attempt, step, token, ...hold.total, asked });
    }
    return messages;
  }

  /** In [0, 1). */
  #random(): number {
    return new DataView(this.#runtime.randomBytes(4).buffer).getUint32(0) / 2 ** 32;
  }
}
