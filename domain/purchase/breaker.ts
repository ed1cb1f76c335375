/*
 * When a payment provider is asked, and when it is left alone because it answers nobody. One breaker a
 * provider; it judges what batches of messages report, and time is passed in.
 */

/** The times and counts of a breaker. */
export interface BreakerTerms {
  /** Failures that no success has made up for open it … */
  failuresMax: number;
  /** … when they came within this time. */
  windowMs: number;
  /** It stays open for so long; then one message may try. */
  openMs: number;
  /** A trial that has brought nothing for so long is lost: a message takes three calls at the most. */
  trialMs: number;
  /** Whoever comes during a trial waits this long: it brings an answer soon, or takes the whole time. */
  trialWaitMs: number;
}

export const BREAKER_TERMS: Readonly<BreakerTerms> = {
  failuresMax: 5,
  windowMs: 30_000,
  openMs: 30_000,
  trialMs: 20_000,
  trialWaitMs: 2_000,
};

/** What is known of a provider. */
export interface Breaker {
  /** When calls failed that no success has made up for since, oldest first; never more than open it. */
  failedAtMs: readonly number[];
  /** Open until then, and half open from then on; `null` while it is closed. */
  openUntilMs: number | null;
  /** Somebody tries the provider until then; `null` when nobody does. */
  trialUntilMs: number | null;
}

export const CLOSED_BREAKER: Breaker = { failedAtMs: [], openUntilMs: null, trialUntilMs: null };

/**
 * What a batch may do. `ask`: all of it. `try`: its first message, and the others when that is answered;
 * if it fails, the breaker is open until `untilMs`. `wait`: nothing before `untilMs`.
 */
export type Permit =
  | { kind: "ask" }
  | { kind: "try"; untilMs: number }
  | { kind: "wait"; untilMs: number };

/** What became of the calls of a batch. */
export interface BreakerReport {
  /** Calls that nobody answered. */
  failures: number;
  /** Calls that were answered, whatever was said: a decline is an answer. */
  successes: number;
  /** Whether these were the trial. */
  isTrial: boolean;
}

/** Lets a batch in or not; while half open, one at a time, and each trial is noted. */
export function admit(
  breaker: Breaker,
  nowMs: number,
  { openMs, trialMs, trialWaitMs }: BreakerTerms = BREAKER_TERMS,
): { permit: Permit; breaker: Breaker } {
  const { openUntilMs, trialUntilMs } = breaker;
  if (openUntilMs === null) return { permit: { kind: "ask" }, breaker };
  if (nowMs < openUntilMs) return { permit: { kind: "wait", untilMs: openUntilMs }, breaker };
  if (trialUntilMs !== null && nowMs < trialUntilMs)
    return { permit: { kind: "wait", untilMs: nowMs + trialWaitMs }, breaker };
  return {
    permit: { kind: "try", untilMs: nowMs + openMs },
    breaker: { ...breaker, trialUntilMs: nowMs + trialMs },
  };
}

/**
 * Takes a batch's report. A success makes up for a failure, in the same batch or before: among many
 * payments some are always lost, and that is no outage. While it is open only the trial is heard.
 */
export function hear(
  breaker: Breaker,
  { failures, successes, isTrial }: BreakerReport,
  nowMs: number,
  { failuresMax, windowMs, openMs }: BreakerTerms = BREAKER_TERMS,
): Breaker {
  const opened: Breaker = {
    failedAtMs: [],
    openUntilMs: nowMs + openMs,
    trialUntilMs: null,
  };
  if (breaker.openUntilMs !== null) {
    if (!isTrial || failures + successes === 0) return breaker;
    return failures > 0 ? opened : CLOSED_BREAKER;
  }
  const more = failures - successes;
  const recent = breaker.failedAtMs.filter((atMs) => nowMs - atMs < windowMs);
  const failedAtMs =
    more > 0
      ? [...recent, ...Array<number>(Math.min(more, failuresMax)).fill(nowMs)]
      : recent.slice(-more);
  return failedAtMs.length >= failuresMax ? opened : { ...breaker, failedAtMs };
}

/** When an open breaker may close; `null` when the provider may be asked now. */
export function opensAtMs({ openUntilMs }: Breaker, nowMs: number): number | null {
  return openUntilMs !== null && nowMs < openUntilMs ? openUntilMs : null;
}
