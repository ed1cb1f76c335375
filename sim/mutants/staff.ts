import type { Mutant } from "./mutant.ts";

/** What the staff is told of names, prices, deliveries and lists. */
export const STAFF_MUTANTS: readonly Mutant[] = [
  {
    name: "a sale is renamed in its chain alone",
    breaks: "a sale has the name that was told last",
    patches: [
      {
        file: "workers/purchase/sales.ts",
        find: "    await rename(env, saleId, name);",
        replace: "",
      },
    ],
    invariants: ["told.name"],
    seedsMax: 100,
  },
  {
    name: "a product's new price is told and not kept",
    breaks: "a product costs what was told last",
    patches: [
      {
        file: "workers/purchase/catalogue.ts",
        find: "json_patch(${productTable.body}, ${JSON.stringify(changes)})",
        replace: "json_patch(${JSON.stringify(changes)}, ${productTable.body})",
      },
    ],
    invariants: ["told.price"],
    seedsMax: 100,
  },
  {
    name: "a delivery's id stands for any quantity",
    breaks: "two who send the same delivery have one, and no other",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: "return earlier.quantity === quantity\n",
        replace: "return earlier.quantity > 0\n",
      },
    ],
    invariants: ["restock.once"],
    seedsMax: 100,
  },
  {
    name: "a page of orders begins with the last of the one before",
    breaks: "a list that is read page by page has everything once",
    patches: [
      {
        file: "workers/purchase/page.ts",
        find: "and(eq(at, place.at), lt(name, place.name))",
        replace: "eq(at, place.at)",
      },
    ],
    invariants: ["pages.once"],
    seedsMax: 100,
  },
  {
    name: "a summary takes what is held for too much",
    breaks: "the figures of a sale are those of its items",
    patches: [
      {
        file: "workers/purchase/summary.ts",
        find: "level.sold + level.held - level.stock",
        replace: "level.sold + level.held",
      },
    ],
    invariants: ["summary.true"],
    seedsMax: 200,
  },
];
