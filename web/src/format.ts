/** Amounts, numbers and times as people read them, in the language of the page. */
import type { Money } from "./contract.ts";

export { formatMoney } from "../../domain/money.ts";

const LOCALE = "en";
const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

const wholeNumber = new Intl.NumberFormat(LOCALE);
const shareOfWhole = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** A whole number with separators: `12,345`. */
export function formatNumber(value: number): string {
  return wholeNumber.format(value);
}

/** A share of a whole as a percentage: `12.5%`. */
export function formatShare(share: number): string {
  return shareOfWhole.format(share);
}

/** A moment in the reader's own time zone: `Sun 22 Nov, 12:00`. */
export function formatMoment(time: string): string {
  return moment.format(new Date(time));
}

const stamp = new Intl.DateTimeFormat(LOCALE, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

/** A time of day to the millisecond, in the reader's own time zone: `12:00:04.123`. */
export function formatStamp(timeMs: number): string {
  return stamp.format(new Date(timeMs));
}

/** Days, hours, minutes and seconds until a moment; all zero once it has passed. */
export interface TimeLeft {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** Splits a span for a countdown. The last second counts as one until it is over. */
export function splitTime(spanMs: number): TimeLeft {
  const total = Math.max(0, Math.ceil(spanMs / SECOND_MS));
  return {
    days: Math.floor(total / DAY_S),
    hours: Math.floor((total % DAY_S) / HOUR_S),
    minutes: Math.floor((total % HOUR_S) / MINUTE_S),
    seconds: total % MINUTE_S,
  };
}

/** A number with a leading zero where it has one digit. */
export function padTwo(value: number): string {
  return String(value).padStart(2, "0");
}

/** A short span as on a stopwatch: `4:05`, with hours only when there are any. */
export function formatClock(spanMs: number): string {
  const { days, hours, minutes, seconds } = splitTime(spanMs);
  const allHours = days * 24 + hours;
  return allHours > 0
    ? `${allHours}:${padTwo(minutes)}:${padTwo(seconds)}`
    : `${minutes}:${padTwo(seconds)}`;
}

/** An estimate as an interval in words: `under a minute`, `4 to 6 minutes`. */
export function formatEstimate(minSeconds: number, maxSeconds: number): string {
  if (maxSeconds < MINUTE_S) {
    return "under a minute";
  }
  const [unit, unitSeconds] = maxSeconds < 2 * HOUR_S ? ["minute", MINUTE_S] : ["hour", HOUR_S];
  const from = Math.floor(minSeconds / unitSeconds);
  const to = Math.ceil(maxSeconds / unitSeconds);
  const units = to === 1 ? unit : `${unit}s`;
  if (from === to) {
    return `about ${to} ${units}`;
  }
  return from === 0 ? `up to ${to} ${units}` : `${from} to ${to} ${units}`;
}

/** Whole percent off the regular price; 0 when there is none or the currencies differ. */
export function percentOff(sale: Money, regular: Money): number {
  return sale.currency === regular.currency && regular.amount > sale.amount
    ? Math.round((1 - sale.amount / regular.amount) * 100)
    : 0;
}
