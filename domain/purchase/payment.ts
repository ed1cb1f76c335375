import type { HoldTransition } from "./hold.ts";

/*
 * The payment of an order as its hold's row keeps it. Money moves in steps, each idempotent by
 * `orderId:attempt` at the provider: authorise, then capture once the hold is confirmed; or void, or refund.
 */

/**
 * `due` waits for an authorisation, `action` for the shopper to act at the provider, `authorised` for
 * the capture, `voiding` and `refunding` for the money to be back. `on_delivery` is cash; `by_hand` is
 * what a person has put right.
 */
export type PaymentState =
  | "due"
  | "action"
  | "declined"
  | "authorised"
  | "captured"
  | "voiding"
  | "voided"
  | "refunding"
  | "refunded"
  | "on_delivery"
  | "by_hand";

/**
 * What the provider is asked to do next. `void` means that no money may stay: where it is too late, the
 * provider says `captured`, and a refund follows.
 */
export type PaymentStep = "authorise" | "enquire" | "capture" | "void" | "refund";

export interface Payment {
  /** `cod`: cash on delivery, of which no provider hears. */
  method: "card" | "cod";
  token: string;
  /** Counts authorisations that the shopper asked for; the first is 1. */
  attempt: number;
  state: PaymentState;
  /** When the object asks (again); `null` when nothing is open. */
  nextAttemptAtMs: number | null;
  /** An authorisation that is not known by then is given up, voided, and the unit released. */
  deadlineMs: number;
  /** Times that the provider was asked in this state; drives the retry schedule. */
  asked: number;
  lastError: string | null;
  /** Why a person has to look; then nothing is asked until they have. Rows of older versions lack it. */
  attention?: string | null;
  /** Where the shopper has to act; while `action`. */
  actionUrl?: string | null;
  /** Events of the provider that have changed something, newest last: a replay has no effect. */
  heard?: readonly string[];
}

/**
 * What the provider said. `unknown` is a timeout or an outage: it may have happened; with `isPending` the
 * provider does answer, and does not know yet itself. `unavailable` is said while the provider's breaker is
 * open: it was not asked, or in vain by way of a trial (`isTried`), and may be asked again at `untilMs`.
 */
export type PaymentOutcome =
  | { kind: "authorised" }
  | { kind: "declined"; reason: string }
  | { kind: "action"; url: string }
  | { kind: "captured" }
  | { kind: "voided" }
  | { kind: "refunded" }
  /** A definite no to a step that moves money; asking again brings nothing. */
  | { kind: "refused"; step: "capture" | "void" | "refund"; reason: string }
  | { kind: "unknown"; isPending?: true }
  | { kind: "unavailable"; untilMs: number; isTried?: true };

/** One message to the payments queue: everything that a stateless consumer needs. */
export interface PaymentDue {
  sku: string;
  orderId: string;
  attempt: number;
  step: PaymentStep;
  token: string;
  amount: number;
  currency: string;
  /** How often the payment has been asked for in its state, with this time; older messages lack it. */
  asked?: number;
}

/** How often and how long a payment is tried. */
export interface PaymentSchedule {
  /** Authorisations a shopper may try for one order: a fourth card is card testing. */
  attemptsMax: number;
  /** How long an authorisation may stay unknown. */
  deadlineSeconds: number;
  /** How long a shopper may take at the bank, from when they are asked to. */
  actionSeconds: number;
  /** A call to a provider that takes longer is unknown. */
  providerTimeoutMs: number;
  /** A message that has brought no answer for this long is taken for lost and sent again. */
  resendMs: number;
  /** Pauses after an unknown outcome; after the last one a person has to look. */
  retrySeconds: readonly number[];
  /** A payment that was tried throughout an outage, so long without an answer, is put before a person. */
  outageSeconds: number;
  /** Each pause is longer or shorter by up to this share, so that an outage does not end in a flood. */
  jitterShare: number;
}

/** The schedule of production. Only a local system may run faster: `scheduleOf`. */
export const PAYMENT_SCHEDULE: Readonly<PaymentSchedule> = {
  attemptsMax: 3,
  deadlineSeconds: 90,
  actionSeconds: 300,
  providerTimeoutMs: 5_000,
  resendMs: 10_000,
  retrySeconds: [1, 2, 4, 8, 16, 32, 60, 120, 300, 600],
  outageSeconds: 3 * 60 * 60,
  jitterShare: 0.2,
};

/**
 * Pause before the provider is asked again, after it was asked `asked` times.
 *
 * @param random in [0, 1); 0.5 is the pause of the table.
 */
export function retryPauseMs(
  asked: number,
  random: number,
  { retrySeconds, jitterShare }: PaymentSchedule = PAYMENT_SCHEDULE,
): number {
  const at = Math.min(Math.max(asked, 1), retrySeconds.length) - 1;
  const seconds = retrySeconds[at] ?? 0;
  return Math.round(seconds * 1000 * (1 + jitterShare * (2 * random - 1)));
}

/**
 * Pause before the provider is asked again when its breaker is open for another `openMs`: not a moment
 * shorter, and up to a fifth longer, so that they do not all come at once.
 *
 * @param random in [0, 1).
 */
export function openPauseMs(
  openMs: number,
  random: number,
  { retrySeconds, jitterShare }: PaymentSchedule = PAYMENT_SCHEDULE,
): number {
  const [shortest = 0] = retrySeconds;
  const longest = retrySeconds.at(-1) ?? shortest;
  const boundedMs = Math.min(Math.max(openMs, shortest * 1000), longest * 1000);
  return Math.round(boundedMs * (1 + jitterShare * random));
}

/** Whether the last pause is over as well. */
export function isExhausted(
  asked: number,
  { retrySeconds }: PaymentSchedule = PAYMENT_SCHEDULE,
): boolean {
  return asked > retrySeconds.length;
}

/** What an outcome does to a payment in one state. */
export interface PaymentRule {
  to: PaymentState;
  /** What is written: the first that the order allows. None: it is a repeat, or only put off. */
  events: readonly HoldTransition[];
  /** What the one who reported does next. */
  next: PaymentStep | null;
}

const CONFIRMS: PaymentRule = { to: "authorised", events: ["confirmed"], next: "capture" };
const IS_PAID: PaymentRule = { to: "captured", events: ["confirmed"], next: null };
const DECLINES: PaymentRule = {
  to: "declined",
  events: ["payment_declined", "payment_failed"],
  next: null,
};
const VOIDS: PaymentRule = { to: "voiding", events: ["voiding"], next: "void" };
const VOIDS_STILL: PaymentRule = { to: "voiding", events: [], next: "void" };
const REFUNDS: PaymentRule = { to: "refunding", events: ["refunding"], next: "refund" };
const IS_VOID: PaymentRule = { to: "voided", events: ["refunded", "voided"], next: null };
const IS_BACK: PaymentRule = { to: "refunded", events: ["refunded", "paid_back"], next: null };
/** Nobody here has asked for it: somebody gave the money back at the provider's own pages. */
const GIVEN_BACK: PaymentRule = { to: "refunded", events: ["refunded"], next: null };
const NEEDS_ATTENTION = (to: PaymentState): PaymentRule => ({
  to,
  events: ["attention"],
  next: null,
});

/**
 * The one table of payments: by state, what each outcome comes to. What is not in it is late or doubled
 * and changes nothing; `unknown` is put off by the schedule in every state that has a step.
 */
export const PAYMENT_RULES: Readonly<
  Record<PaymentState, Readonly<Partial<Record<PaymentOutcome["kind"], PaymentRule>>>>
> = {
  due: {
    authorised: CONFIRMS,
    captured: IS_PAID,
    declined: DECLINES,
    voided: DECLINES,
    refunded: DECLINES,
    action: { to: "action", events: ["action_required"], next: null },
  },
  action: {
    authorised: CONFIRMS,
    captured: IS_PAID,
    declined: DECLINES,
    voided: DECLINES,
    refunded: DECLINES,
  },
  declined: { authorised: VOIDS, captured: REFUNDS },
  authorised: {
    authorised: { to: "authorised", events: [], next: "capture" },
    captured: { to: "captured", events: ["captured"], next: null },
    refunded: GIVEN_BACK,
    refused: NEEDS_ATTENTION("authorised"),
  },
  captured: { refunded: GIVEN_BACK },
  voiding: {
    authorised: VOIDS_STILL,
    action: VOIDS_STILL,
    declined: IS_VOID,
    captured: REFUNDS,
    voided: IS_VOID,
    refunded: IS_BACK,
    refused: NEEDS_ATTENTION("voiding"),
  },
  voided: { authorised: VOIDS, captured: REFUNDS },
  refunding: {
    voided: IS_VOID,
    refunded: IS_BACK,
    refused: NEEDS_ATTENTION("refunding"),
  },
  refunded: {},
  on_delivery: {},
  by_hand: { refunded: GIVEN_BACK },
};

/** The step that each state asks for again and again; `null` when nothing is open. */
export const PAYMENT_STEPS: Readonly<Record<PaymentState, PaymentStep | null>> = {
  due: "authorise",
  action: "enquire",
  declined: null,
  authorised: "capture",
  captured: null,
  voiding: "void",
  voided: null,
  refunding: "refund",
  refunded: null,
  on_delivery: null,
  by_hand: null,
};

/**
 * The step to be asked for next; `null` when nothing is open. Before anything is voided the provider is
 * asked what became of it, once: it may be captured, or declined after all.
 */
export function stepOf({ state, asked }: Pick<Payment, "state" | "asked">): PaymentStep | null {
  return state === "voiding" && asked === 0 ? "enquire" : PAYMENT_STEPS[state];
}
