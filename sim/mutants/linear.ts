import type { Mutant } from "./mutant.ts";

/** What every table agrees with, and nobody who was there can explain. */
export const LINEAR_MUTANTS: readonly Mutant[] = [
  {
    name: "an order is read from memory",
    breaks: "who was told how an order stands reads nothing older after that",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: "  readonly #calls = new Calls();",
        replace: `  readonly #calls = new Calls();
  readonly #read = new Map<string, NonNullable<ReturnType<SkuStore["hold"]>>>();`,
      },
      {
        file: "durable-objects/sku.ts",
        find: `    const hold = this.#store.hold(orderId);
    if (!item || !hold`,
        replace: `    const hold = this.#read.get(orderId) ?? this.#store.hold(orderId);
    if (hold) this.#read.set(orderId, hold);
    if (!item || !hold`,
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
    seedsMax: 200,
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
