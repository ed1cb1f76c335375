import type { Mutant } from "./mutant.ts";

/** What every table agrees with, and nobody who was there can explain. */
export const LINEAR_MUTANTS: readonly Mutant[] = [
  {
    name: "an order is remembered for a second",
    breaks: "who was told how an order stands reads nothing older after that",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: "  readonly #calls = new Calls();",
        replace: `  readonly #calls = new Calls();
  readonly #read = new Map<string, { untilMs: number; answer: OrderAnswer }>();`,
      },
      {
        file: "durable-objects/sku.ts",
        find: "    return { ok: true, order: orderRow(item.saleId, item.sku, lapsed?.hold ?? hold) };",
        replace: `    const known = this.#read.get(orderId);
    if (known && this.#runtime.now() < known.untilMs) return known.answer;
    const order = orderRow(item.saleId, item.sku, lapsed?.hold ?? hold);
    const answer = { ok: true, order } as const;
    this.#read.set(orderId, { untilMs: this.#runtime.now() + 1_000, answer });
    return answer;`,
      },
    ],
    invariants: ["sku.linearizable"],
    seedsMax: 20,
  },
  {
    name: "the last unit is kept back",
    breaks: "sold out is said where nothing is there",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: "if (command.quantity > item.level.available || isOwed(item))",
        replace: "if (command.quantity >= item.level.available || isOwed(item))",
      },
    ],
    invariants: ["sku.linearizable"],
    seedsMax: 20,
  },
  {
    name: "a hold that is over is shown as it was until the alarm comes",
    breaks: "a hold is over for everybody when its time is",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: "const lapsed = lapse(hold, item.level, this.#runtime.now());",
        replace: "const lapsed = lapse(hold, item.level, 0);",
      },
    ],
    invariants: ["sku.linearizable"],
    seedsMax: 3000,
  },
  {
    name: "holds that came to nothing count against the limit",
    breaks: "what a shopper let go gives the allowance back",
    patches: [
      {
        file: "domain/purchase/hold.ts",
        find: `export const COUNTED_STATUSES: readonly OrderStatus[] = ["RESERVED", ...PAID_STATUSES];`,
        replace: `export const COUNTED_STATUSES: readonly OrderStatus[] = ["RESERVED", "EXPIRED", "CANCELLED", ...PAID_STATUSES];`,
      },
    ],
    invariants: ["sku.linearizable"],
    seedsMax: 200,
  },
];
