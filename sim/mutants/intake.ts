import type { Mutant } from "./mutant.ts";

/** What stands between shoppers and an item and has nothing of its own. */
export const INTAKE_MUTANTS: readonly Mutant[] = [
  {
    name: "an intake gives the answers in another order",
    breaks: "who buys by an intake gets the item's answer to the own purchase",
    patches: [
      {
        file: "durable-objects/sku-intake.ts",
        find: "return this.env.SKU.getByName(sku).reserveMany(commands);",
        replace:
          "return this.env.SKU.getByName(sku).reserveMany(commands).then((all) => all.toReversed());",
      },
    ],
    invariants: ["key.same_bytes", "told.hold"],
    seedsMax: 100,
  },
  {
    name: "an intake answers although its call has failed",
    breaks: "what was told is written",
    patches: [
      {
        file: "durable-objects/sku-intake.ts",
        find: "return this.env.SKU.getByName(sku).reserveMany(commands);",
        replace: `return this.env.SKU.getByName(sku).reserveMany(commands).catch(() =>
          commands.map(({ orderId, passExpiresAtMs: expiresAtMs }) => ({
            ok: true,
            value: { ok: true, orderId, expiresAtMs, amount: 49_900, currency: "EUR" },
          })),
        );`,
      },
    ],
    invariants: ["key.same_bytes", "told.hold"],
    seedsMax: 100,
  },
  {
    name: "a gateway gives the answers of one call in another order",
    breaks: "who comes with others gets the object's answer to the own command",
    patches: [
      {
        file: "workers/gateway/gathering.ts",
        find: "tell(told[index] ?? null);",
        replace: "tell(told.at(-1 - index) ?? null);",
      },
    ],
    invariants: [
      "key.one_body",
      "key.same_bytes",
      "number.stable",
      "number.unique",
      "sku.linearizable",
      "told.hold",
    ],
    seedsMax: 100,
  },
  {
    name: "an intake remembers what was sold out",
    breaks: "sold out is said where nothing is there",
    patches: [
      {
        file: "durable-objects/sku-intake.ts",
        find: '    this.#calls.count("shopper.reserve");',
        replace: `    this.#calls.count("shopper.reserve");
    if (this.soldOut) return this.soldOut;
    return Promise.resolve(this.#batcher.run(command)).then((answer) => {
      if (answer?.code === "sold_out") this.soldOut = answer;
      return answer;
    });`,
      },
    ],
    invariants: ["key.same_bytes", "sku.linearizable"],
    seedsMax: 200,
  },
];
