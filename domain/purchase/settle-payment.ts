import { HOLD_TRANSITIONS, transition, type Hold, type HoldChange } from "./hold.ts";
import {
  isExhausted,
  openPauseMs,
  PAYMENT_RULES,
  PAYMENT_SCHEDULE,
  PAYMENT_STEPS,
  retryPauseMs,
  stepOf,
  type Payment,
  type PaymentDue,
  type PaymentOutcome,
  type PaymentRule,
  type PaymentSchedule,
  type PaymentStep,
} from "./payment.ts";
import type { StockLevel } from "./sale.ts";

/** What the consumer of a payment does after its report, and what is written. */
export interface PaymentDecision {
  next: PaymentStep | null;
  change: HoldChange | null;
  /** The payment's new schedule when nothing else about the hold changes. */
  rescheduled: Payment | null;
}

/** What a provider gives as its reason is in every later row of the order. */
const REASON_MAX_CHARACTERS = 200;
/** The pause of the table itself. */
const NO_JITTER = 0.5;

const NOTHING: PaymentDecision = { next: null, change: null, rescheduled: null };

/**
 * Takes a provider's outcome by the table of payments, fenced by attempt and state: late and doubled
 * reports change nothing. Money that comes for what was given up goes back, so that nobody pays for nothing.
 *
 * @param random in [0, 1), for the jitter of the next pause.
 */
export function settlePayment(
  hold: Hold,
  level: StockLevel,
  attempt: number,
  outcome: PaymentOutcome,
  nowMs: number,
  random: number,
  schedule: PaymentSchedule = PAYMENT_SCHEDULE,
): PaymentDecision {
  const { payment } = hold;
  if (!payment || payment.attempt !== attempt) return { ...NOTHING, next: undo(outcome) };
  if (outcome.kind === "unavailable")
    return postpone(hold, level, outcome, nowMs, random, schedule);
  if (outcome.kind === "unknown" || (outcome.kind === "action" && payment.state === "action"))
    return putOff(hold, level, nowMs, random, schedule);
  // A no to a step that is not waited for any more says nothing, nor does the second one.
  const isWaitedFor = payment.nextAttemptAtMs !== null;
  if (outcome.kind === "refused")
    if (outcome.step !== PAYMENT_STEPS[payment.state] || !isWaitedFor) return NOTHING;
  const rule = PAYMENT_RULES[payment.state][outcome.kind];
  if (!rule) return NOTHING;
  const change = changeOf(hold, level, rule, outcome, nowMs, schedule);
  if (!change && rule.events.length > 0) return NOTHING;
  return { next: rule.next, change, rescheduled: null };
}

/** An attempt that is not the order's any more keeps no money. */
function undo({ kind }: PaymentOutcome): PaymentStep | null {
  if (kind === "authorised") return "void";
  return kind === "captured" ? "refund" : null;
}

function changeOf(
  hold: Hold,
  level: StockLevel,
  rule: PaymentRule,
  outcome: PaymentOutcome,
  nowMs: number,
  schedule: PaymentSchedule,
): HoldChange | null {
  const { payment } = hold;
  if (!payment) return null;
  const isOver = nowMs >= hold.expiresAtMs || payment.attempt >= schedule.attemptsMax;
  const type = rule.events.find(
    (event) =>
      HOLD_TRANSITIONS[event].from.includes(hold.status) &&
      !(event === "payment_declined" && isOver),
  );
  if (!type) return null;
  const reason =
    outcome.kind === "refused" ? `${outcome.step} refused: ${short(outcome.reason)}` : null;
  if (type === "attention") return needAttention(hold, level, reason ?? "refused", nowMs);
  const next: Payment = {
    ...payment,
    state: rule.to,
    // The consumer goes on with the next step itself; what it asks now is not asked for at once again.
    asked: rule.next ? 1 : 0,
    nextAttemptAtMs: nextAttemptAt(rule, nowMs, schedule),
    deadlineMs: deadlineOf(rule, payment, nowMs, schedule),
    lastError: rule.to === "declined" ? errorOf(outcome) : payment.lastError,
    actionUrl: outcome.kind === "action" ? outcome.url : null,
    attention: null,
  };
  return transition(hold, level, type, nowMs, next);
}

function errorOf(outcome: PaymentOutcome): string {
  return outcome.kind === "declined" ? short(outcome.reason) : outcome.kind;
}

/** A reason as it is kept: providers send codes, and whatever else comes ends here. */
function short(reason: string): string {
  return reason.slice(0, REASON_MAX_CHARACTERS);
}

/** Who is sent to the bank gets the time that it takes to act there. */
function deadlineOf(
  { to }: PaymentRule,
  { deadlineMs }: Payment,
  nowMs: number,
  { actionSeconds }: PaymentSchedule,
): number {
  if (to !== "action") return deadlineMs;
  return Math.max(deadlineMs, nowMs + Math.round(actionSeconds * 1000));
}

function nextAttemptAt(
  { to, next }: PaymentRule,
  nowMs: number,
  schedule: PaymentSchedule,
): number | null {
  if (next) return nowMs + schedule.resendMs;
  return PAYMENT_STEPS[to] === null ? null : nowMs + retryPauseMs(1, NO_JITTER, schedule);
}

/** Puts the next attempt off; what has used up its schedule goes to a person. */
function putOff(
  hold: Hold,
  level: StockLevel,
  nowMs: number,
  random: number,
  schedule: PaymentSchedule,
): PaymentDecision {
  const { payment } = hold;
  if (!payment || payment.nextAttemptAtMs === null) return NOTHING;
  if (mayGiveUp(hold, payment, schedule))
    return { ...NOTHING, change: needAttention(hold, level, unanswered(payment), nowMs) };
  const nextAttemptAtMs = nowMs + retryPauseMs(payment.asked, random, schedule);
  return { ...NOTHING, rescheduled: { ...payment, nextAttemptAtMs } };
}

/**
 * The provider's breaker is open: it is asked later, and this time does not count. Who was tried in vain
 * goes on to the next step all the same, and after hours of that to a person.
 */
function postpone(
  hold: Hold,
  level: StockLevel,
  { untilMs, isTried }: PaymentOutcome & { kind: "unavailable" },
  nowMs: number,
  random: number,
  schedule: PaymentSchedule,
): PaymentDecision {
  const { payment, status, updatedAtMs } = hold;
  if (!payment || payment.nextAttemptAtMs === null) return NOTHING;
  const hasWaited = nowMs - updatedAtMs >= schedule.outageSeconds * 1000;
  if (isTried === true && hasWaited && status !== "PAYMENT_PENDING")
    return { ...NOTHING, change: needAttention(hold, level, unanswered(payment), nowMs) };
  const asked = Math.max(isTried === true ? 1 : 0, payment.asked - 1);
  const nextAttemptAtMs = nowMs + openPauseMs(untilMs - nowMs, random, schedule);
  return { ...NOTHING, rescheduled: { ...payment, asked, nextAttemptAtMs } };
}

/** What is asked of the provider now, and what is written of it before the message leaves. */
export interface Asking {
  step: PaymentStep | null;
  rescheduled: Payment | null;
  change: HoldChange | null;
}

/**
 * Asks for the step that is due: one more time asked, and the message taken for lost if nothing has come
 * of it by the next attempt. A step that nobody ever answers goes to a person, too.
 */
export function askPayment(
  hold: Hold,
  level: StockLevel,
  nowMs: number,
  random: number,
  schedule: PaymentSchedule = PAYMENT_SCHEDULE,
): Asking {
  const { payment } = hold;
  const step = payment && stepOf(payment);
  if (!payment || !step) return { step: null, rescheduled: null, change: null };
  if (mayGiveUp(hold, payment, schedule)) {
    const change = needAttention(hold, level, unanswered(payment), nowMs);
    return { step: null, rescheduled: null, change };
  }
  const asked = payment.asked + 1;
  const pauseMs = Math.max(schedule.resendMs, retryPauseMs(asked, random, schedule));
  return {
    step,
    rescheduled: { ...payment, asked, nextAttemptAtMs: nowMs + pauseMs },
    change: null,
  };
}

/** An authorisation has a deadline instead. */
function mayGiveUp({ status }: Hold, { asked }: Payment, schedule: PaymentSchedule): boolean {
  return status !== "PAYMENT_PENDING" && isExhausted(asked, schedule);
}

/**
 * A message about the payment could not be handled, again and again. A person has to look, unless the
 * payment has moved on, or was asked for again since; what is still to be authorised has its deadline. Of
 * an attempt that is over nobody but the message knew whether money was still to go back: a person looks at
 * that, and the order's own payment goes on.
 */
export function deadPayment(
  hold: Hold,
  level: StockLevel,
  { attempt, step, asked }: Pick<PaymentDue, "attempt" | "step" | "asked">,
  nowMs: number,
): HoldChange | null {
  const { payment, status } = hold;
  if (!payment) return null;
  if (attempt < payment.attempt) return doubt(hold, level, attempt, step, nowMs);
  if (status === "PAYMENT_PENDING" || payment.attempt !== attempt) return null;
  if (payment.nextAttemptAtMs === null) return null;
  const isItsStep = step === PAYMENT_STEPS[payment.state];
  const isItsEnquiry = step === "enquire" && payment.state === "voiding";
  if (!(isItsStep || isItsEnquiry) || payment.asked > (asked ?? payment.asked)) return null;
  return needAttention(hold, level, `the message to ${step} could not be handled`, nowMs);
}

function doubt(
  hold: Hold,
  level: StockLevel,
  attempt: number,
  step: PaymentStep,
  nowMs: number,
): HoldChange | null {
  const suspicion = `the message to ${step} attempt ${attempt}, which is over, could not be handled`;
  if (hold.suspicion === suspicion) return null;
  const change = transition({ ...hold, suspicion }, level, "attention", nowMs);
  return change && { ...change, reason: suspicion };
}

function unanswered({ state, asked }: Payment): string {
  return `${PAYMENT_STEPS[state] ?? state} unanswered after ${asked} times asked`;
}

function needAttention(
  hold: Hold,
  level: StockLevel,
  reason: string,
  nowMs: number,
): HoldChange | null {
  const { payment } = hold;
  if (!payment) return null;
  const waiting: Payment = { ...payment, nextAttemptAtMs: null, attention: reason };
  const change = transition(hold, level, "attention", nowMs, waiting);
  return change && { ...change, reason };
}
