import { BREAKER_TERMS, type BreakerTerms } from "./breaker.ts";
import { PAYMENT_SCHEDULE, type PaymentSchedule } from "./payment.ts";

/** At a thousand times the pace the shortest pause of the table is a millisecond. */
const TIME_SCALE_MAX = 1000;

/*
 * What the machine itself takes does not shrink with the scale: under a flood on one laptop a message waits some
 * seconds in its queue. With a deadline of 1.5 s everything would be given up, and asked for five times before.
 */
const DEADLINE_MIN_MS = 10_000;
const RESEND_MIN_MS = 1_000;
/** What it takes to write a row while two cores do everything else. */
const PROVIDER_TIMEOUT_MIN_MS = 2_000;
/** A breaker that is open for less is tried again before those who were put off have written it down. */
const BREAKER_OPEN_MIN_MS = 2_000;
const BREAKER_TRIAL_WAIT_MIN_MS = 500;
/** Steps of one message, each with its time-out. */
const BREAKER_TRIAL_MIN_MS = 3 * PROVIDER_TIMEOUT_MIN_MS;

/** The variable that lets payments run faster than in production: of a local system alone. */
export interface TimeScaleSetting {
  /** All times are divided by it; absent: as in production. */
  readonly TIME_SCALE?: string;
}

/**
 * The times of payments, divided by `TIME_SCALE`; those that the machine needs itself only so far. Attempts
 * are no time.
 *
 * @throws when the variable is not a number from 1 to 1000.
 */
export function scheduleOf({ TIME_SCALE }: TimeScaleSetting): PaymentSchedule {
  if (TIME_SCALE === undefined) return PAYMENT_SCHEDULE;
  const scale = readTimeScale(TIME_SCALE);
  const { deadlineSeconds, actionSeconds, providerTimeoutMs, resendMs } = PAYMENT_SCHEDULE;
  const { retrySeconds, outageSeconds } = PAYMENT_SCHEDULE;
  const inSeconds = (seconds: number): number => inMs(seconds * 1000, scale) / 1000;
  return {
    ...PAYMENT_SCHEDULE,
    deadlineSeconds: Math.max(DEADLINE_MIN_MS / 1000, inSeconds(deadlineSeconds)),
    actionSeconds: Math.max(DEADLINE_MIN_MS / 1000, inSeconds(actionSeconds)),
    providerTimeoutMs: Math.max(PROVIDER_TIMEOUT_MIN_MS, inMs(providerTimeoutMs, scale)),
    resendMs: Math.max(RESEND_MIN_MS, inMs(resendMs, scale)),
    retrySeconds: retrySeconds.map(inSeconds),
    outageSeconds: inSeconds(outageSeconds),
  };
}

/**
 * The times of a breaker, divided likewise, and only so far.
 *
 * @throws when the variable is not a number from 1 to 1000.
 */
export function breakerTermsOf({ TIME_SCALE = "1" }: TimeScaleSetting): BreakerTerms {
  const scale = readTimeScale(TIME_SCALE);
  const { failuresMax, windowMs, openMs, trialMs, trialWaitMs } = BREAKER_TERMS;
  return {
    failuresMax,
    windowMs: Math.max(BREAKER_OPEN_MIN_MS, inMs(windowMs, scale)),
    openMs: Math.max(BREAKER_OPEN_MIN_MS, inMs(openMs, scale)),
    trialMs: Math.max(BREAKER_TRIAL_MIN_MS, inMs(trialMs, scale)),
    trialWaitMs: Math.max(BREAKER_TRIAL_WAIT_MIN_MS, inMs(trialWaitMs, scale)),
  };
}

/** In whole milliseconds: the shortest time is one. */
function inMs(ms: number, scale: number): number {
  return Math.max(1, Math.round(ms / scale));
}

/** @throws when the text is not a number from 1 to 1000. */
export function readTimeScale(text: string): number {
  const scale = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && scale >= 1 && scale <= TIME_SCALE_MAX) return scale;
  throw new Error(`The time scale must be a number from 1 to ${TIME_SCALE_MAX}, not "${text}".`);
}
