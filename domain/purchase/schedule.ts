import { BREAKER_TERMS, type BreakerTerms } from "./breaker.ts";
import { PAYMENT_SCHEDULE, type PaymentSchedule } from "./payment.ts";

/** At a thousand times the pace the shortest pause of the table is a millisecond. */
const TIME_SCALE_MAX = 1000;

/** The variable that lets payments run faster than in production: of a local system alone. */
export interface TimeScaleSetting {
  /** All times are divided by it; absent: as in production. */
  readonly TIME_SCALE?: string;
}

/**
 * The times of payments, divided by `TIME_SCALE`. Attempts are no time.
 *
 * @throws when the variable is not a number from 1 to 1000.
 */
export function scheduleOf({ TIME_SCALE }: TimeScaleSetting): PaymentSchedule {
  if (TIME_SCALE === undefined) return PAYMENT_SCHEDULE;
  const scale = readTimeScale(TIME_SCALE);
  const { deadlineSeconds, providerTimeoutMs, resendMs, retrySeconds, outageSeconds } =
    PAYMENT_SCHEDULE;
  const inSeconds = (seconds: number): number => inMs(seconds * 1000, scale) / 1000;
  return {
    ...PAYMENT_SCHEDULE,
    deadlineSeconds: inSeconds(deadlineSeconds),
    providerTimeoutMs: inMs(providerTimeoutMs, scale),
    resendMs: inMs(resendMs, scale),
    retrySeconds: retrySeconds.map(inSeconds),
    outageSeconds: inSeconds(outageSeconds),
  };
}

/**
 * The times of a breaker, divided likewise.
 *
 * @throws when the variable is not a number from 1 to 1000.
 */
export function breakerTermsOf({ TIME_SCALE = "1" }: TimeScaleSetting): BreakerTerms {
  const scale = readTimeScale(TIME_SCALE);
  const { failuresMax, windowMs, openMs, trialMs, trialWaitMs } = BREAKER_TERMS;
  return {
    failuresMax,
    windowMs: inMs(windowMs, scale),
    openMs: inMs(openMs, scale),
    trialMs: inMs(trialMs, scale),
    trialWaitMs: inMs(trialWaitMs, scale),
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
