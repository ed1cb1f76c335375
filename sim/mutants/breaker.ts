import type { Mutant } from "./mutant.ts";

/** A provider that answers nobody, and messages that nobody can handle. */
export const BREAKER_MUTANTS: readonly Mutant[] = [
  {
    name: "a payment that meets an open breaker is not asked for again",
    breaks: "while the breaker is open, payments are put off and not given up",
    patches: [
      {
        file: "domain/purchase/settle-payment.ts",
        find: "const nextAttemptAtMs = nowMs + openPauseMs(untilMs - nowMs, random, schedule);",
        replace:
          "const nextAttemptAtMs = untilMs < nowMs ? openPauseMs(0, random, schedule) : null;",
      },
    ],
    invariants: ["settles"],
    seedsMax: 300,
  },
  {
    name: "a trial that is lost is waited for for ever",
    breaks: "an open breaker closes by itself once the provider answers",
    patches: [
      {
        file: "domain/purchase/breaker.ts",
        find: "if (trialUntilMs !== null && nowMs < trialUntilMs)",
        replace: "if (trialUntilMs !== null)",
      },
    ],
    invariants: ["settles"],
    seedsMax: 2000,
  },
  {
    name: "a trial in vain begins anew with the enquiry",
    breaks: "a payment that is tried goes on to its next step",
    patches: [
      {
        file: "domain/purchase/settle-payment.ts",
        find: "Math.max(isTried === true ? 1 : 0, payment.asked - 1)",
        replace: "Math.max(0, payment.asked - 1)",
      },
    ],
    invariants: ["settles"],
    seedsMax: 300,
  },
  {
    name: "a dead letter is dropped",
    breaks: "what no consumer can handle comes before a person",
    patches: [
      {
        file: "durable-objects/sku-payments.ts",
        find: "const change = deadPayment(hold, item.level, due, nowMs);\n    if (change) this.#orders.write(change, { actor: SHOP_ACTOR }, nowMs);",
        replace: "const change = deadPayment(hold, item.level, due, nowMs);",
      },
    ],
    invariants: ["dead_letter.told"],
    seedsMax: 600,
  },
];
