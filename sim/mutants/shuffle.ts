import type { Mutant } from "./mutant.ts";

/** Early entry, the draw and who is behind it. */
export const SHUFFLE_MUTANTS: readonly Mutant[] = [
  {
    name: "the start waits for its alarm",
    breaks: "a join is on the side of the start where it was sequenced",
    patches: [
      {
        file: "durable-objects/queue-sequencer.ts",
        find: "    try {\n      this.#begin();\n",
        replace: "    try {\n",
      },
      {
        file: "durable-objects/queue-sequencer.ts",
        find: 'this.#calls.count("board");\n    this.#begin();',
        replace: 'this.#calls.count("board");',
      },
      {
        file: "durable-objects/queue-sequencer.ts",
        find: "const before = (nowMs: number): void => this.#book.begin(nowMs);",
        replace: "const before = (): void => {};",
      },
    ],
    invariants: ["shuffle.sides", "told.left", "shuffle.place"],
    seedsMax: 300,
  },
  {
    name: "every look draws anew",
    breaks: "the start comes once",
    patches: [
      {
        file: "durable-objects/line-book.ts",
        find: "if (!this.#store.awaitsDraw()) return;",
        replace: "if (this.#store.read() === null) return;",
      },
    ],
    invariants: ["shuffle.once", "number.stable", "number.unique"],
    seedsMax: 50,
  },
  {
    name: "early entrants keep the order in which they came",
    breaks: "anyone can recompute every place from the seed",
    patches: [
      {
        file: "domain/queue/shuffle.ts",
        find: "const number = drawnNumber(earlyIndex, draw);",
        replace: "const number = earlyIndex;",
      },
    ],
    invariants: ["shuffle.place"],
    seedsMax: 50,
  },
  {
    name: "an early index is taken for a number",
    breaks: "early entrants claim and leave by their number",
    patches: [
      {
        file: "durable-objects/line-book.ts",
        find: "return count === null ? null : drawnNumber(index, { seed, count });",
        replace: "return count === null ? null : Math.max(index, seed.length - 1_000);",
      },
    ],
    invariants: ["settles", "told.left", "number.stable", "no_exceptions"],
    seedsMax: 100,
  },
  {
    name: "who left before the start is forgotten",
    breaks: "an early entrant who leaves takes no capacity",
    patches: [
      {
        file: "durable-objects/line-book.ts",
        find: "if (number === null) this.#store.writeEarlyDeparture(index);",
        replace: "if (number === null) continue;",
      },
    ],
    invariants: ["told.left"],
    seedsMax: 200,
  },
];
