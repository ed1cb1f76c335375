import type { Mutant } from "./mutant.ts";

/** What has to arrive though messages, timers and objects are lost. */
export const DELIVERY_MUTANTS: readonly Mutant[] = [
  {
    name: "the outbox mark moves on send",
    breaks: "an event is forgotten only when its consumer has it",
    patches: [
      {
        file: "durable-objects/sku-outbox.ts",
        find: "await this.#ports.sendPage({ ...page, events });\n    }",
        replace: `await this.#ports.sendPage({ ...page, events });
    }
    this.#store.ledger.markProjected(fromSequence + texts.length - 1);`,
      },
    ],
    invariants: ["settles", "books.agree", "books.genuine", "attention.true"],
    seedsMax: 100,
  },
  {
    name: "an acknowledgement counts whatever is missing before it",
    breaks: "no event is skipped on its way to the database",
    patches: [
      {
        file: "domain/books/flight.ts",
        find: "if (fromSequence > through + 1) return through;",
        replace: "",
      },
    ],
    invariants: ["settles", "books.agree"],
    seedsMax: 200,
  },
  {
    name: "a late report replaces newer counters",
    breaks: "the line knows the newest counters that it was told",
    patches: [
      {
        file: "durable-objects/sequencer-store.ts",
        find: "WHERE (excluded.sequence, excluded.list_version) > (level.sequence, level.list_version)",
        replace:
          "WHERE (excluded.sequence, excluded.list_version) <> (level.sequence, level.list_version)",
      },
    ],
    invariants: ["line.levels"],
    seedsMax: 300,
  },
  {
    name: "a payment is asked for once",
    breaks: "a lost message is sent again",
    patches: [
      {
        file: "domain/purchase/settle-payment.ts",
        find: "rescheduled: { ...payment, asked, nextAttemptAtMs: nowMs + pauseMs },",
        replace: "rescheduled: { ...payment, asked, nextAttemptAtMs: null },",
      },
    ],
    invariants: ["settles"],
    seedsMax: 200,
  },
  {
    name: "an older control replaces a newer one",
    breaks: "what an admin decided last is what counts",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: "if (item && control.version > item.control.version)",
        replace: "if (item && control.version !== item.control.version)",
      },
    ],
    invariants: ["control.newest"],
    seedsMax: 300,
  },
  {
    name: "nothing wakes an item whose timers were lost",
    breaks: "what is in the outbox leaves, also after a crash",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: "      this.#clock.armBy(nowMs + PAGES_RECOVERY_MS);\n",
        replace: "",
      },
      {
        file: "durable-objects/sku.ts",
        find: "    if (this.#outbox.pending()) this.#clock.armBy(nowMs + PAGES_RECOVERY_MS);\n",
        replace: "",
      },
    ],
    invariants: ["settles"],
    seedsMax: 1_000,
  },
  {
    name: "nothing wakes an item whose holds run out",
    breaks: "every hold ends in time, whether somebody asks or not",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: "if (nextDueAtMs !== null) this.#clock.armBy(nextDueAtMs);",
        replace: "if (nextDueAtMs !== null && nextDueAtMs < 0) this.#clock.armBy(nextDueAtMs);",
      },
    ],
    invariants: ["settles"],
    seedsMax: 100,
  },
  {
    name: "a page is acknowledged before it is written",
    breaks: "an event is acknowledged after the consumer's own commit",
    patches: [
      {
        file: "workers/purchase/consumers/projection.ts",
        find: "    const { DB: db } = this.#env;\n",
        replace: `    const { DB: db } = this.#env;
    for (const stretch of stretchesOf(pages)) await acknowledge(this.#env, stretch);
`,
      },
    ],
    invariants: ["settles", "books.agree", "attention.true", "chain.mirrored", "books.genuine"],
    seedsMax: 300,
  },
  {
    name: "an older row replaces a newer one in the database",
    breaks: "the higher version of an order wins",
    patches: [
      {
        file: "workers/purchase/books/writers.ts",
        find: "        table.paymentActionUrl,\n      ),\n      setWhere: sql`excluded.version > ${table.version}`,",
        replace:
          "        table.paymentActionUrl,\n      ),\n      setWhere: sql`excluded.version <> ${table.version}`,",
      },
    ],
    invariants: ["settles", "books.agree", "attention.true"],
    seedsMax: 300,
  },
  {
    name: "an item may miss a pause",
    breaks: "once an admin was told that the sale is paused, nobody buys",
    patches: [
      {
        file: "workers/purchase/sales.ts",
        find: "if (silent.length > 0)",
        replace: "if (silent.length > items.length)",
      },
      {
        file: "workers/purchase/sales.ts",
        find: "const PUSHES_MAX = 3;",
        replace: "const PUSHES_MAX = 0;",
      },
    ],
    invariants: ["sale.stopped", "settles"],
    seedsMax: 1_000,
  },
  {
    name: "the outbox looks again at once",
    breaks: "whatever waits for something waits a while",
    patches: [
      {
        file: "durable-objects/page-outbox.ts",
        find: "      void this.drain();\n    }, DRAIN_DELAY_MS);",
        replace: "      void this.drain();\n      this.wake();\n    }, 0);",
      },
    ],
    invariants: ["bounded"],
    seedsMax: 60,
  },
];
