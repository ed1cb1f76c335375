import type { Mutant } from "./mutant.ts";

/** Money on its way, and on its way back. */
export const PAYMENT_MUTANTS: readonly Mutant[] = [
  {
    name: "money that was captured too late is taken for voided",
    breaks: "money after a release is refunded",
    patches: [
      {
        file: "domain/purchase/payment.ts",
        find: "    captured: REFUNDS,\n    voided: IS_VOID,",
        replace: "    captured: IS_VOID,\n    voided: IS_VOID,",
      },
    ],
    invariants: ["payment.true"],
    seedsMax: 1_500,
  },
  {
    name: "an order is refunded before its money is back",
    breaks: "units and status follow the money",
    patches: [
      {
        file: "domain/purchase/refund.ts",
        find: `        "refunding",
        { ...payment, ...open, state: "refunding" },`,
        replace: `        "refunded",
        { ...payment, state: "refunded" },`,
      },
    ],
    invariants: ["payment.true"],
    seedsMax: 300,
  },
  {
    name: "a refunded unit is not returned",
    breaks: "what is refunded can be sold again",
    patches: [
      {
        file: "domain/purchase/hold.ts",
        find: 'refunded: { from: ["CONFIRMED"], to: "REFUNDED", units: "return" },',
        replace: 'refunded: { from: ["CONFIRMED"], to: "REFUNDED", units: "stay" },',
      },
    ],
    invariants: ["stock.rows"],
    seedsMax: 300,
  },
  {
    name: "a refund by hand is not heard",
    breaks: "captured money that goes back takes its order along",
    patches: [
      {
        file: "domain/purchase/payment.ts",
        find: "captured: { refunded: GIVEN_BACK },",
        replace: "captured: {},",
      },
    ],
    invariants: ["settles"],
    seedsMax: 300,
  },
  {
    name: "a second click on a refund is refused",
    breaks: "a repeat returns the first outcome",
    patches: [
      {
        file: "domain/purchase/refund.ts",
        find: 'if (isDone || (status === "CONFIRMED" && isUnderWay)) return',
        replace: "if (isDone && isUnderWay) return",
      },
    ],
    invariants: ["refund.repeated"],
    seedsMax: 300,
  },
  {
    name: "a payment that the provider refuses is forgotten",
    breaks: "what the provider refuses comes before a person",
    patches: [
      {
        file: "domain/purchase/settle-payment.ts",
        find: "nextAttemptAtMs: null, attention: reason };",
        replace: "nextAttemptAtMs: null };",
      },
    ],
    invariants: ["settles"],
    seedsMax: 600,
  },
  {
    name: "cash on delivery is sent to the provider",
    breaks: "cash is counted apart",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: 'state: method === "cod" ? "on_delivery" : "due",\n    nextAttemptAtMs: method === "cod" ? null : nowMs,',
        replace: 'state: "due",\n    nextAttemptAtMs: nowMs,',
      },
    ],
    invariants: ["settles", "payment.true", "notice.genuine"],
    seedsMax: 100,
  },
  {
    name: "a notice of another attempt is taken for the newest one's",
    breaks: "notices are fenced by attempt",
    patches: [
      {
        file: "domain/purchase/notice.ts",
        find: "if (!payment || attempt > payment.attempt || isCash(payment, attempt))",
        replace: "if (!payment || isCash(payment, attempt))",
      },
      {
        file: "domain/purchase/notice.ts",
        find: "settlePayment(hold, level, attempt, outcome,",
        replace: "settlePayment(hold, level, payment.attempt, outcome,",
      },
      {
        file: "domain/purchase/notice.ts",
        find: "if (attempt !== payment.attempt) return",
        replace: "if (attempt === 0) return",
      },
    ],
    invariants: ["notice.refused", "payment.true", "settles"],
    seedsMax: 600,
  },
  {
    name: "a notice of the newest attempt is refused",
    breaks: "what a provider truly tells is taken",
    patches: [
      {
        file: "domain/purchase/notice.ts",
        find: "attempt > payment.attempt",
        replace: "attempt >= payment.attempt",
      },
    ],
    invariants: ["notice.genuine"],
    seedsMax: 100,
  },
  {
    name: "a notice of another sum is taken for the order's",
    breaks: "what is paid is what the order costs",
    patches: [
      {
        file: "domain/purchase/notice.ts",
        find: "if (notice.amount !== total.amount || notice.currency !== total.currency)",
        replace: "if (notice.amount !== notice.amount)",
      },
    ],
    invariants: ["notice.refused", "payment.true"],
    seedsMax: 600,
  },
  {
    name: "a webhook is believed whoever signed it",
    breaks: "nothing changes by a forged notice",
    patches: [
      {
        file: "workers/purchase/providers/standard-webhooks.ts",
        find: ".some((signature) => equalBytes(Buffer.from(signature), expected));",
        replace: ".some((signature) => signature.length === expected.length);",
      },
    ],
    invariants: ["notice.refused", "payment.true"],
    seedsMax: 600,
  },
  {
    name: "nobody takes the step that a notice asks for",
    breaks: "what a notice asks for is due at once",
    patches: [
      {
        file: "domain/purchase/notice.ts",
        find: "{ nextAttemptAtMs: nowMs, asked: 0 };",
        replace: "{ nextAttemptAtMs: null, asked: 0 };",
      },
    ],
    invariants: ["settles"],
    seedsMax: 600,
  },
];
