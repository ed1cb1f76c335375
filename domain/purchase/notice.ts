import { refuse, type Refusal } from "../problem.ts";
import { transition, type Hold, type HoldChange } from "./hold.ts";
import {
  PAYMENT_SCHEDULE,
  type Payment,
  type PaymentOutcome,
  type PaymentSchedule,
  type PaymentStep,
} from "./payment.ts";
import type { StockLevel } from "./sale.ts";
import { settlePayment } from "./settle-payment.ts";

/** Events that a payment remembers having heard: a provider sends some five of one payment. */
const HEARD_MAX_EVENTS = 8;

/** What a provider tells on its own, verified: of one attempt of one order. */
export interface PaymentNotice {
  /** The provider's id of the event: the same however often it is sent. */
  eventId: string;
  orderId: string;
  attempt: number;
  outcome: PaymentOutcome;
  /** What the provider says the whole payment is of, in minor units. */
  amount: number;
  currency: string;
}

/** What a notice comes to. */
export interface Hearing {
  answer: { ok: true } | Refusal;
  change: HoldChange | null;
  /** What has to be asked of the provider for an attempt that is not the order's any more. */
  undo: PaymentStep | null;
}

const NO_EFFECT: Hearing = { answer: { ok: true }, change: null, undo: null };

/**
 * Takes what a provider tells unasked, by the same table as its answers: late, doubled and overtaken
 * notices change nothing. Nobody is there to take the next step, so it is due at once. A notice of
 * another sum than the order's is refused and put before a person; the payment goes on as if it had
 * not come.
 *
 * @param random in [0, 1), for the jitter of a pause.
 */
export function hearNotice(
  hold: Hold,
  level: StockLevel,
  notice: PaymentNotice,
  nowMs: number,
  random: number,
  schedule: PaymentSchedule = PAYMENT_SCHEDULE,
): Hearing {
  const { payment, total } = hold;
  const { eventId, attempt, outcome } = notice;
  if (!payment || attempt > payment.attempt || isCash(payment, attempt))
    return { ...NO_EFFECT, answer: refuse("not_found", { detail: "There is no such payment." }) };
  if (notice.amount !== total.amount || notice.currency !== total.currency)
    return {
      answer: refuseSum(hold, notice),
      change: suspect(hold, payment, level, notice, nowMs),
      undo: null,
    };
  if (payment.heard?.includes(eventId) || outcome.kind === "unknown") return NO_EFFECT;
  const { change, next } = settlePayment(hold, level, attempt, outcome, nowMs, random, schedule);
  if (attempt !== payment.attempt) return { ...NO_EFFECT, undo: next };
  const heard = change?.hold.payment;
  if (!change || !heard) return NO_EFFECT;
  const due = next === null ? {} : { nextAttemptAtMs: nowMs, asked: 0 };
  const told: Payment = { ...heard, ...due, heard: remember(payment, eventId) };
  return { ...NO_EFFECT, change: { ...change, hold: { ...change.hold, payment: told } } };
}

function isCash({ method, attempt }: Payment, told: number): boolean {
  return method === "cod" && told === attempt;
}

function remember({ heard = [] }: Payment, eventId: string): readonly string[] {
  return [...heard, eventId].slice(-HEARD_MAX_EVENTS);
}

function refuseSum({ total }: Hold, { amount, currency }: PaymentNotice): Refusal {
  const errors =
    amount === total.amount
      ? [{ path: "currency", message: `is ${currency}, the order's is ${total.currency}` }]
      : [{ path: "amount", message: `is ${amount}, the order's is ${total.amount}` }];
  const detail = "The payment is of another sum than the order. Nothing was done; a person looks.";
  return refuse("validation_failed", { detail, errors });
}

/**
 * Puts the order before a person, once for each event, and leaves its payment as it is. A true event of
 * the same id is heard all the same.
 */
function suspect(
  hold: Hold,
  payment: Payment,
  level: StockLevel,
  { eventId, outcome, attempt, amount, currency }: PaymentNotice,
  nowMs: number,
): HoldChange | null {
  const sum = `${amount} ${currency}`;
  const known = `${eventId} of ${sum}`;
  if (payment.heard?.includes(known)) return null;
  const expected = `${hold.total.amount} ${hold.total.currency}`;
  const reason = `notice of another sum: ${outcome.kind} ${sum} for attempt ${attempt}, not ${expected}`;
  const heard: Payment = { ...payment, heard: remember(payment, known) };
  const change = transition({ ...hold, suspicion: reason }, level, "attention", nowMs, heard);
  return change && { ...change, reason };
}
