import { hold, level, checkoutOf, NOON_MS } from "../../../test/system/support/samples.ts";
import { asksAtMs, lapsesAtMs, type Hold, type HoldChange, type OrderStatus } from "../hold.ts";
import { hearNotice } from "../notice.ts";
import { PAYMENT_SCHEDULE, stepOf, type PaymentOutcome } from "../payment.ts";
import { needsAttention, refund, resolvePayment, retryPayment } from "../refund.ts";
import { askPayment, settlePayment } from "../settle-payment.ts";
import { must, Provider, type Accepts, type Message } from "./payment-provider.ts";
import { cancel, checkout, lapse, type Decision } from "../stock.ts";

/*
 * One order, a provider that keeps its contract and tells what it does by notices, too, and messages
 * between the two that are lost, doubled, late and out of order. The rules decide; what is held against them is told from the provider's books.
 */

export const RULES = {
  askPayment,
  cancel,
  checkout,
  hearNotice,
  lapse,
  refund,
  resolvePayment,
  retryPayment,
  settlePayment,
};
export type Rules = typeof RULES;

const QUANTITY = 2;
/** Units of others, which nothing may touch. */
const OTHERS = { spare: 1, held: 3, sold: 4 };
const STOCK = QUANTITY + OTHERS.spare + OTHERS.held + OTHERS.sold;
const BY = { actor: "u_admin", reason: "why" };
/** Longer than any history with all its retries. */
const ROUNDS_MAX = 200;

/** What may happen next. */
export interface Step {
  does:
    | "checkout"
    | "cash"
    | "cancel"
    | "refund"
    | "attend"
    | "emit"
    | "deliver"
    | "report"
    | "hear"
    | "lie"
    | "ripen"
    | "give_back"
    | "drop";
  afterMs: number;
  /** Which of what is under way. */
  pick: number;
  accepts: Accepts;
  /** What is lost of a call; `late`: nobody hears of it, and the provider acts when it ripens. */
  loses: "nothing" | "request" | "answer" | "late";
  twice: boolean;
  refuses: boolean;
  random: number;
}

/** Nothing is lost any more. */
const CALM: Omit<Step, "does"> = {
  afterMs: 0,
  pick: 0,
  accepts: "authorised",
  loses: "nothing",
  twice: false,
  refuses: false,
  random: 0.5,
};

/** From which status an order may come to which, beside staying where it is. */
const WAYS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  RESERVED: ["PAYMENT_PENDING", "CONFIRMED", "EXPIRED", "PAYMENT_FAILED", "CANCELLED"],
  PAYMENT_PENDING: ["RESERVED", "CONFIRMED", "PAYMENT_FAILED"],
  CONFIRMED: ["REFUNDED", "CANCELLED"],
  EXPIRED: [],
  PAYMENT_FAILED: [],
  CANCELLED: [],
  REFUNDED: [],
};

export class World {
  readonly #rules: Rules;
  readonly #provider = new Provider();
  readonly #messages: Message[] = [];
  /** The notices that have changed something. */
  readonly #heard = new Set<string>();
  readonly #late: { attempt: number; accepts: Accepts }[] = [];
  readonly #reports: { attempt: number; outcome: PaymentOutcome }[] = [];
  #hold: Hold = Object.freeze(hold({ quantity: QUANTITY }));
  #level = Object.freeze(level(STOCK, OTHERS.held + QUANTITY, OTHERS.sold));
  #nowMs = NOON_MS;
  #checkouts = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  run(step: Step): void {
    this.#nowMs += step.afterMs;
    this.#write(this.#rules.lapse(this.#hold, this.#level, this.#nowMs));
    switch (step.does) {
      case "checkout":
      case "cash":
        this.#checkout(step.does === "cash");
        break;
      case "cancel": {
        const isOpen = this.#hold.status === "RESERVED";
        const decision = this.#rules.cancel(this.#hold, this.#level, this.#nowMs);
        must(this.#decide(decision) === isOpen, "what is reserved can be cancelled, nothing else");
        break;
      }
      case "refund":
        this.#refund();
        break;
      case "attend":
        this.#attend(step);
        break;
      case "emit":
        this.#emit(step);
        break;
      case "deliver":
        this.#deliver(step);
        break;
      case "report":
        this.#report(step);
        break;
      case "hear":
        this.#hear(step);
        break;
      case "lie":
        this.#lie(step);
        break;
      case "ripen":
        this.#ripen(step);
        break;
      case "give_back":
        this.#provider.giveBack(this.#hold.payment?.attempt ?? 0);
        break;
      case "drop":
        this.#messages.splice(step.pick, 1);
    }
    this.#check();
  }

  /**
   * Runs on until nothing is open, losing nothing more; the notices not heard so far come after that. Only
   * of what is back nobody hears but by them.
   */
  settle(): void {
    const { notices } = this.#provider;
    const isBack = ({ outcome }: { outcome: PaymentOutcome }) => outcome.kind === "refunded";
    const late = notices.filter((notice) => !isBack(notice));
    notices.splice(0, Infinity, ...notices.filter(isBack));
    this.#hearAll();
    this.#settle();
    notices.push(...late);
    this.#hearAll();
    this.#settle();
  }

  #hearAll(): void {
    while (this.#provider.notices.length > 0) this.run({ ...CALM, does: "hear" });
  }

  #settle(): void {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      while (this.#late.length > 0) this.run({ ...CALM, does: "ripen" });
      while (this.#messages.length + this.#reports.length > 0) {
        this.run({ ...CALM, does: "deliver" });
        this.run({ ...CALM, does: "report" });
      }
      if (this.#needsAttention) this.run({ ...CALM, does: "attend", pick: round });
      const dueAtMs = [asksAtMs(this.#hold), lapsesAtMs(this.#hold)].filter((at) => at !== null);
      if (dueAtMs.length === 0) {
        this.#checkMoney();
        return;
      }
      const afterMs = Math.max(0, Math.min(...dueAtMs) - this.#nowMs);
      this.run({ ...CALM, does: "emit", afterMs });
    }
    throw new Error("Broken: every payment comes to an end");
  }

  #checkout(isCash: boolean): void {
    this.#checkouts += 1;
    const { status, payment } = this.#hold;
    const isFree = !payment || (stepOf(payment) === null && !needsAttention(payment));
    const attempts = payment?.attempt ?? 0;
    const isAllowed = status === "RESERVED" && isFree && attempts < PAYMENT_SCHEDULE.attemptsMax;
    const idempotencyKey = `checkout-${this.#checkouts}`;
    const paymentMethod = isCash ? "cod" : "card";
    const command = checkoutOf({ idempotencyKey, paymentMethod });
    const decision = this.#rules.checkout(this.#hold, this.#level, command, this.#nowMs);
    must(this.#decide(decision) === isAllowed, "one payment at a time, three at the most");
  }

  #refund(): void {
    const { status, payment } = this.#hold;
    const state = payment?.state ?? "due";
    const isPaid = ["authorised", "captured", "on_delivery"].includes(state);
    const decision = this.#rules.refund(this.#hold, this.#level, BY, this.#nowMs);
    const isAllowed = status === "CONFIRMED" && isPaid;
    must(this.#decide(decision) === isAllowed, "what is confirmed can be refunded, once");
  }

  /** A person looks: tries again, or puts the money right at the provider and says so. */
  #attend({ pick }: Step): void {
    const { payment } = this.#hold;
    if (!payment || !this.#needsAttention) return;
    const isRetried = pick % 2 === 0;
    if (!isRetried) this.#provider.putRight(payment.attempt, payment.state === "authorised");
    const act = isRetried ? this.#rules.retryPayment : this.#rules.resolvePayment;
    must(this.#decide(act(this.#hold, this.#level, BY, this.#nowMs)), "a person can act");
  }

  /** What the item's alarm does with a payment that is due. */
  #emit({ random }: Step): void {
    if ((asksAtMs(this.#hold) ?? Infinity) > this.#nowMs) return;
    const asking = this.#rules.askPayment(this.#hold, this.#level, this.#nowMs, random);
    this.#write(asking.change);
    if (asking.rescheduled) this.#keep(asking.rescheduled);
    const attempt = this.#hold.payment?.attempt ?? 0;
    if (asking.step) this.#messages.push({ attempt, step: asking.step });
  }

  #deliver({ pick, accepts, loses, twice, refuses }: Step): void {
    const at = pick % this.#messages.length;
    const message = this.#messages[at];
    if (!message) return;
    if (!twice) this.#messages.splice(at, 1);
    const { attempt, step } = message;
    if (loses === "late" && step === "authorise") this.#late.push({ attempt, accepts });
    const isMoving = step === "capture" || step === "void" || step === "refund";
    const answer = (): PaymentOutcome =>
      refuses && isMoving
        ? { kind: "refused", step, reason: "no" }
        : this.#provider.ask(message, accepts);
    const known = loses === "request" || loses === "late" ? null : answer();
    const outcome: PaymentOutcome = loses === "nothing" && known ? known : { kind: "unknown" };
    this.#reports.push({ attempt, outcome });
  }

  #ripen({ pick, twice }: Step): void {
    const [late] = this.#late.splice(pick % Math.max(1, this.#late.length), 1);
    const attempt = late?.attempt ?? this.#hold.payment?.attempt;
    if (late) this.#provider.ask({ attempt: late.attempt, step: "authorise" }, late.accepts);
    if (attempt !== undefined) this.#provider.ripen(attempt, twice);
  }

  #report({ pick, twice, random }: Step): void {
    const at = pick % this.#reports.length;
    const report = this.#reports[at];
    if (!report) return;
    if (!twice) this.#reports.splice(at, 1);
    const { attempt, outcome } = report;
    const before = this.#hold;
    const { settlePayment } = this.#rules;
    const settled = settlePayment(before, this.#level, attempt, outcome, this.#nowMs, random);
    this.#write(settled.change);
    if (settled.next) this.#messages.push({ attempt, step: settled.next });
    if (settled.rescheduled) {
      const { nextAttemptAtMs } = settled.rescheduled;
      must((nextAttemptAtMs ?? 0) > this.#nowMs, "what is put off comes later");
      this.#keep(settled.rescheduled);
    }
    const isAwaited = before.payment?.attempt === attempt && before.payment.state === "due";
    if (isAwaited && outcome.kind !== "unknown")
      must(this.#hold.payment?.state !== "due", "what is waited for is heard");
  }

  /** A notice comes, in whatever order, and perhaps once more. */
  #hear({ pick, twice, random }: Step): void {
    const { notices } = this.#provider;
    const at = pick % notices.length;
    const notice = notices[at];
    if (!notice) return;
    if (!twice) notices.splice(at, 1);
    const { attempt, outcome } = notice;
    const told = { ...notice, ...this.#hold.total, ...this.#named(`${attempt} ${outcome.kind}`) };
    const before = this.#hold;
    const { answer, change, undo } = this.#rules.hearNotice(
      before,
      this.#level,
      told,
      this.#nowMs,
      random,
    );
    must(answer.ok, "what is true is heard");
    must(change === null || !this.#heard.has(told.eventId), "a replay changes nothing");
    this.#write(change);
    if (change) this.#heard.add(told.eventId);
    if (undo) this.#messages.push({ attempt, step: undo });
  }

  /** A signed notice of a sum that is not the order's. */
  #lie({ pick, accepts, random }: Step): void {
    const { payment, total } = this.#hold;
    if (payment?.method !== "card") return;
    const outcome: PaymentOutcome =
      accepts === "action" ? { kind: "captured" } : { kind: accepts, reason: "lie" };
    const attempt = (pick % payment.attempt) + 1;
    const told = { attempt, outcome, ...total, ...this.#named(`lie ${pick}`) };
    const lie = pick % 2 === 0 ? { amount: total.amount + 1 } : { currency: "USD" };
    const { answer, change, undo } = this.#rules.hearNotice(
      this.#hold,
      this.#level,
      { ...told, ...lie },
      this.#nowMs,
      random,
    );
    must(!answer.ok && undo === null, "another sum is refused");
    const { suspicion: _, ...after } = change?.hold ?? this.#hold;
    this.#write(change);
    const open = [after.status, after.payment?.state, after.payment?.nextAttemptAtMs];
    const was = [this.#hold.status, payment.state, payment.nextAttemptAtMs];
    must(JSON.stringify(open) === JSON.stringify(was), "another sum changes nothing");
  }

  #named(eventId: string) {
    return { eventId, orderId: this.#hold.orderId };
  }

  get #needsAttention(): boolean {
    return this.#hold.payment !== null && needsAttention(this.#hold.payment);
  }

  /** Whether the decision changes the order. */
  #decide(decision: Decision): boolean {
    const change = decision.ok && !decision.repeat ? decision.change : null;
    this.#write(change);
    return change !== null;
  }

  #keep(payment: Hold["payment"]): void {
    this.#hold = Object.freeze({ ...this.#hold, payment: Object.freeze(payment) });
  }

  #write(change: HoldChange | null): void {
    if (!change) return;
    const { status, version, updatedAtMs } = this.#hold;
    const { hold: next } = change;
    must(next.version === version + 1, "every change is the next version");
    must(next.updatedAtMs >= updatedAtMs, "changes are dated in their order");
    must(next.status === status || WAYS[status].includes(next.status), "no order goes back");
    this.#hold = Object.freeze(next);
    this.#level = Object.freeze(change.level);
  }

  #check(): void {
    const { status, payment } = this.#hold;
    const isOpen = payment !== null && stepOf(payment) !== null && !needsAttention(payment);
    must((asksAtMs(this.#hold) !== null) === isOpen, "what is open is asked about, nothing else");
    const isHeld = status === "RESERVED" || status === "PAYMENT_PENDING";
    const held = OTHERS.held + (isHeld ? QUANTITY : 0);
    const sold = OTHERS.sold + (status === "CONFIRMED" ? QUANTITY : 0);
    const expected = level(STOCK, held, sold);
    must(JSON.stringify(this.#level) === JSON.stringify(expected), "units follow the status");
  }

  /** Once nothing is open: who has paid has the units, and nobody else has paid. */
  #checkMoney(): void {
    const { status, payment } = this.#hold;
    must(status !== "RESERVED" && status !== "PAYMENT_PENDING", "every hold ends");
    const isSold = status === "CONFIRMED" && payment?.method === "card";
    for (const [attempt, booked] of this.#provider.books) {
      const isItsOwn = isSold && attempt === payment.attempt;
      must((booked === "captured") === isItsOwn, "nobody pays for what they do not get");
      must(booked !== "authorised" && booked !== "action", "no authorisation is left standing");
    }
    if (isSold)
      must(this.#provider.books.get(payment.attempt) === "captured", "what is sold is paid for");
  }
}
