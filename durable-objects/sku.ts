import { DurableObject } from "cloudflare:workers";
import { SHOP_ACTOR, type Doer, type Origin } from "../domain/books/actor.ts";
import type { ChainHead, ChainPage } from "../domain/books/chain.ts";
import type { DelayFigures } from "../domain/books/delays.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import { orderRow, type LedgerEvent } from "../domain/purchase/ledger.ts";
import type { PaymentNotice } from "../domain/purchase/notice.ts";
import type { PaymentDue, PaymentOutcome, PaymentSchedule } from "../domain/purchase/payment.ts";
import { scheduleOf, type TimeScaleSetting } from "../domain/purchase/schedule.ts";
import { refund, resolvePayment, retryPayment, type By } from "../domain/purchase/refund.ts";
import type { SaleControl, StockLevel } from "../domain/purchase/sale.ts";
import { offersAgainAtMs, type WaitlistCommand } from "../domain/purchase/waitlist.ts";
import {
  cancel,
  checkout,
  lapse,
  restock,
  type CheckoutCommand,
  type ReserveCommand,
} from "../domain/purchase/stock.ts";
import { AlarmClock } from "./alarm-clock.ts";
import type { Outcome } from "./batcher.ts";
import { Calls } from "./calls.ts";
import { GroupCommit } from "./group-commit.ts";
import { PAGES_RECOVERY_MS } from "./page-outbox.ts";
import { systemRuntime, type Runtime } from "./runtime.ts";
import { SkuOrders, type OrderAnswer } from "./sku-orders.ts";
import { SkuOutbox } from "./sku-outbox.ts";
import { SkuPayments, type PaymentAnswer } from "./sku-payments.ts";
import { SkuPurchases, type ReserveAnswer } from "./sku-purchases.ts";
import { SkuRefusals } from "./sku-refusals.ts";
import { SkuStore, type ItemTerms } from "./sku-store.ts";
import { SkuWaitlist, type WaitlistAnswer } from "./sku-waitlist.ts";
import type { WaitlistCounts } from "./waitlist-store.ts";

/** Rows of one page of the ledger as admins read it. */
const LEDGER_PAGE_MAX_ROWS = 500;

/** The bindings that the object uses. */
export type SkuEnv = Pick<PurchaseEnv, "LEDGER_QUEUE" | "PAYMENT_QUEUE" | "QUEUE_SEQUENCER"> &
  TimeScaleSetting;

export type { ReserveAnswer };

/** Counters of an item and what it served since it woke. */
export interface SkuStats {
  level: StockLevel;
  soldOutAtMs: number | null;
  sequence: number;
  calls: Record<string, number>;
  commits: number;
  commands: number;
  refusals: Record<string, number>;
  /** What became of those who waited; an older version leaves it out. */
  waitlist?: WaitlistCounts;
  /** How long events took to be in the projection; an older version leaves it out. */
  projection?: DelayFigures;
}

/**
 * The single writer of one item: stock, limits, holds, keys, orders, payments and their ledger. All
 * commands that wait are applied in one transaction, each undone alone, and answered after it.
 */
export class Sku extends DurableObject<SkuEnv> {
  readonly #runtime: Runtime;
  readonly #store: SkuStore;
  readonly #orders: SkuOrders;
  readonly #payments: SkuPayments;
  readonly #waitlist: SkuWaitlist;
  readonly #outbox: SkuOutbox;
  readonly #clock: AlarmClock;
  readonly #schedule: PaymentSchedule;
  readonly #calls = new Calls();
  readonly #refusals: SkuRefusals;
  readonly #commits: GroupCommit;
  readonly #purchases: SkuPurchases;

  /** @param freshMax holds that are found by memory alone (see `HoldFinder`). */
  constructor(
    ctx: DurableObjectState,
    env: SkuEnv,
    runtime: Runtime = systemRuntime,
    freshMax?: number,
  ) {
    super(ctx, env);
    this.#runtime = runtime;
    this.#store = new SkuStore(ctx.storage, freshMax);
    this.#refusals = new SkuRefusals(runtime, (refusals) => {
      const note = { type: "refused", quantity: 0, refusals } as const;
      ctx.storage.transactionSync(() => {
        this.#store.writeNote(note, { actor: SHOP_ACTOR }, runtime.now());
      });
      this.#afterCommit();
    });
    this.#orders = new SkuOrders(this.#store, this.#refusals);
    this.#schedule = scheduleOf(env);
    this.#payments = new SkuPayments(this.#store, this.#orders, runtime, this.#schedule);
    this.#waitlist = new SkuWaitlist(ctx.storage, this.#store, this.#orders);
    this.#clock = new AlarmClock(ctx.storage, runtime);
    this.#outbox = new SkuOutbox(this.#store, runtime, {
      sendPage: (page) => env.LEDGER_QUEUE.send(page),
      sendText: (page) => env.LEDGER_QUEUE.send(page, { contentType: "text" }),
      report: (report) => env.QUEUE_SEQUENCER.getByName(report.saleId).report(report),
      commit: (write) => {
        if (ctx.storage.transactionSync(() => this.#offering(write))) this.#afterCommit();
      },
      hearControl: (control) => this.#hearControl(control),
      failed: (event, error) => {
        console.warn({ event, error: String(error) });
      },
    });
    this.#commits = new GroupCommit({
      storage: ctx.storage,
      runtime,
      before: (nowMs) => this.#offering(() => this.#orders.lapseDue(nowMs), nowMs),
      after: () => this.#afterCommit(),
      durable: (ageMs) => this.#outbox.committed(ageMs),
    });
    this.#purchases = new SkuPurchases(this.#store, this.#refusals);
    void ctx.blockConcurrencyWhile(() => this.#clock.load());
  }

  /** Creates the item, once; a repeat for the same sale changes nothing, another sale is refused. */
  create(terms: ItemTerms, control: SaleControl, stock: number): Promise<{ ok: true } | Refusal> {
    return this.#commit("system.create", (nowMs) => {
      const item = this.#store.item();
      if (!item) this.#store.create(terms, control, stock, nowMs);
      else if (item.saleId !== terms.saleId)
        return refuse("validation_failed", {
          errors: [{ path: "items", message: `SKU ${terms.sku} belongs to another sale.` }],
        });
      return { ok: true } as const;
    });
  }

  /** Takes a newer control of the sale; an older one is ignored. */
  applyControl(control: SaleControl): Promise<{ ok: true } | Refusal> {
    return this.#commit("system.control", () => {
      this.#hearControl(control);
      return { ok: true } as const;
    });
  }

  /** Reserves units for a shopper with a genuine pass. */
  reserve(command: ReserveCommand): Promise<ReserveAnswer | Refusal> {
    this.#calls.count("shopper.reserve");
    return this.#commits.together(this.#purchases, command);
  }

  /** The same for all that an intake brings, in one transaction: what became of each, in their order. */
  reserveMany(commands: ReserveCommand[]): Promise<Outcome<ReserveAnswer | Refusal>[]> {
    this.#calls.count("intake.batch");
    this.#calls.count("shopper.reserve", commands.length);
    return this.#commits.allTogether(this.#purchases, commands);
  }

  /** Starts the payment of the shopper's order. */
  checkout(
    orderId: string,
    shopper: string,
    command: CheckoutCommand,
  ): Promise<OrderAnswer | Refusal> {
    return this.#commit("shopper.checkout", (nowMs) =>
      this.#orders.decideAs(shopper, command.from, orderId, nowMs, (hold, item) => {
        const counts = this.#store.countsOf(item, command);
        return checkout(hold, item.level, command, nowMs, this.#schedule, counts);
      }),
    );
  }

  /** Cancels the shopper's order and frees its units. */
  cancel(orderId: string, shopper: string, from?: Origin): Promise<OrderAnswer | Refusal> {
    return this.#commit("shopper.cancel", (nowMs) =>
      this.#orders.decideAs(shopper, from, orderId, nowMs, (hold, { level }) =>
        cancel(hold, level, nowMs),
      ),
    );
  }

  /** Gives the money of a confirmed order back, and its units with it; a repeat changes nothing. */
  refund(orderId: string, by: By): Promise<OrderAnswer | Refusal> {
    return this.#commit("admin.refund", (nowMs) =>
      this.#orders.decideFor(by, orderId, nowMs, (hold, { level }) =>
        refund(hold, level, by, nowMs),
      ),
    );
  }

  /** Asks the provider again about a payment that needs attention. */
  retryPayment(orderId: string, by: By): Promise<OrderAnswer | Refusal> {
    return this.#commit("admin.retry", (nowMs) =>
      this.#orders.decideFor(by, orderId, nowMs, (hold, { level }) =>
        retryPayment(hold, level, by, nowMs),
      ),
    );
  }

  /** Takes a person's word that a payment which needs attention is put right. */
  resolvePayment(orderId: string, by: By): Promise<OrderAnswer | Refusal> {
    return this.#commit("admin.resolve", (nowMs) =>
      this.#orders.decideFor(by, orderId, nowMs, (hold, { level }) =>
        resolvePayment(hold, level, by, nowMs),
      ),
    );
  }

  /** The shopper's order as its writer has it. */
  order(orderId: string, shopper: string): OrderAnswer | Refusal {
    this.#calls.count("shopper.order");
    const item = this.#store.item();
    const hold = this.#store.hold(orderId);
    if (!item || !hold || hold.shopper !== shopper) return refuse("not_found");
    const lapsed = lapse(hold, item.level, this.#runtime.now());
    return { ok: true, order: orderRow(item.saleId, item.sku, lapsed?.hold ?? hold) };
  }

  /** Takes a provider's outcome and says what the provider has to do next. */
  paymentResult(
    orderId: string,
    attempt: number,
    outcome: PaymentOutcome,
  ): Promise<PaymentAnswer | Refusal> {
    return this.#commit("system.payment", (nowMs) =>
      this.#payments.settle(orderId, attempt, outcome, nowMs),
    );
  }

  /**
   * Takes what the provider tells unasked; when this has answered it is written, and the next step due.
   * `not_found` for a payment that there is not, `validation_failed` for another sum than the order's.
   */
  async paymentNotice(notice: PaymentNotice): Promise<{ ok: true } | Refusal> {
    const heard = await this.#commit("system.notice", (nowMs) =>
      this.#payments.hear(notice, nowMs),
    );
    if (!heard.ok) return heard;
    // No row remembers it: should the queue not take it, the provider tells again.
    if (heard.undo) await this.env.PAYMENT_QUEUE.send(heard.undo);
    return { ok: true };
  }

  /** Puts a payment before a person whose message could not be handled, unless it has moved on since. */
  paymentDead(due: PaymentDue): Promise<{ ok: true; needsAttention: boolean } | Refusal> {
    return this.#commit("system.dead_letter", (nowMs) => this.#payments.takeDead(due, nowMs));
  }

  /** Adds (or with a negative quantity withdraws) stock, once for each command id; older callers do not say who. */
  restock(
    quantity: number,
    reason: string,
    commandId: string,
    by: Doer = { actor: SHOP_ACTOR },
  ): Promise<{ ok: true; level: StockLevel } | Refusal> {
    return this.#commit("admin.restock", (nowMs) => {
      const item = this.#store.item();
      if (!item) return refuse("not_found");
      const earlier = this.#store.ledger.eventOfCommand(commandId);
      if (earlier)
        return earlier.quantity === quantity
          ? ({ ok: true, level: earlier.level } as const)
          : refuse("idempotency_conflict");
      const level = restock(item.level, quantity);
      if ("code" in level) return level;
      this.#store.writeRestock(quantity, level, reason, commandId, by, nowMs);
      return { ok: true, level } as const;
    });
  }

  /** Puts a shopper on the waiting list, or says where they stand on it. */
  joinWaitlist(command: WaitlistCommand): Promise<WaitlistAnswer | Refusal> {
    return this.#commit("shopper.waitlist", (nowMs) => this.#waitlist.join(command, nowMs));
  }

  /** Where a shopper stands on the waiting list. */
  waitlistPlace(shopper: string): WaitlistAnswer | Refusal {
    this.#calls.count("shopper.waitlist.place");
    return this.#waitlist.place(shopper, this.#runtime.now());
  }

  /** Takes a shopper off the waiting list; an offer that is open goes on to the next. */
  leaveWaitlist(shopper: string, from?: Origin): Promise<{ ok: true } | Refusal> {
    return this.#commit("shopper.waitlist.leave", (nowMs) =>
      this.#waitlist.leave(shopper, from, nowMs),
    );
  }

  /** A consumer has written everything of a page; one of an older version does not say that it reads texts. */
  acked(fromSequence: number, throughSequence: number, readsTexts = false): void {
    this.#calls.count("system.acked");
    this.ctx.storage.transactionSync(() =>
      this.#outbox.acked(fromSequence, throughSequence, readsTexts),
    );
  }

  /** A page of the ledger after `sequence`, for admins. */
  ledger(sequence: number): LedgerEvent[] {
    this.#calls.count("admin.ledger");
    return this.#store.ledger.eventsAfter(sequence, LEDGER_PAGE_MAX_ROWS);
  }

  /** Rows of the ledger after `sequence` as they are stored; none of an item that was never created. */
  chain(after: number): ChainPage {
    this.#calls.count("books.chain");
    return this.#store.ledger.page(after, this.ctx.id.name ?? "");
  }

  /** The last row of the ledger; `null` when there is no such item. */
  head(): ChainHead | null {
    this.#calls.count("books.head");
    return this.#store.ledger.head();
  }

  /** Counters and calls, for admins; `null` when there is no such item. */
  stats(): SkuStats | null {
    this.#calls.count("admin.stats");
    const item = this.#store.item();
    if (!item) return null;
    const { level, soldOutAtMs, sequence } = item;
    return {
      level,
      soldOutAtMs,
      sequence,
      calls: this.#calls.snapshot(),
      ...this.#commits.counts,
      refusals: this.#refusals.snapshot(),
      waitlist: this.#waitlist.counts(),
      projection: this.#outbox.delays,
    };
  }

  override async alarm(): Promise<void> {
    this.#clock.fired();
    const nowMs = this.#runtime.now();
    if (this.#outbox.pending()) this.#clock.armBy(nowMs + PAGES_RECOVERY_MS);
    const due = this.ctx.storage.transactionSync(() => {
      this.#orders.lapseDue(nowMs);
      const messages = this.#payments.takeDue(nowMs);
      this.#waitlist.offer(nowMs);
      return messages;
    });
    this.#afterCommit();
    if (due.length > 0) await this.env.PAYMENT_QUEUE.sendBatch(due.map((body) => ({ body })));
  }

  #commit<Answer>(kind: string, command: (nowMs: number) => Answer): Promise<Answer | Refusal> {
    this.#calls.count(kind);
    return this.#commits.run((nowMs) => {
      const answer = command(nowMs);
      this.#waitlist.offerFreed(nowMs);
      return answer;
    });
  }

  /** Writes something, and offers what it frees to who waits; whether there was an offer. */
  #offering(write: () => void, nowMs = this.#runtime.now()): boolean {
    write();
    return this.#waitlist.offerFreed(nowMs);
  }

  #afterCommit(): void {
    const nextDueAtMs = this.#store.nextDueAtMs();
    if (nextDueAtMs !== null) this.#clock.armBy(nextDueAtMs);
    const nowMs = this.#runtime.now();
    const item = this.#store.item();
    const offersAtMs = item && offersAgainAtMs(item, nowMs);
    if (offersAtMs !== null) this.#clock.armBy(offersAtMs);
    if (this.#outbox.pending(item)) {
      this.#clock.armBy(nowMs + PAGES_RECOVERY_MS);
      this.#outbox.wake();
    } else this.#outbox.listen();
  }

  #hearControl(control: SaleControl): void {
    const item = this.#store.item();
    if (item && control.version > item.control.version) this.#store.writeControl(control);
  }
}
