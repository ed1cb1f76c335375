import type { Mutant } from "./mutant.ts";

/** Early entry, the draw and who is behind it. */
export const SHUFFLE_MUTANTS: readonly Mutant[] = [
  {
    name: "the start waits for its alarm",
    breaks: "a join is on the side of the start where it was sequenced",
    patches: [
      {
        file: "durable-objects/queue-sequencer.ts",
        find: "      this.#begin();\n      return this.#log",
        replace: "      return this.#log",
      },
      {
        file: "durable-objects/queue-sequencer.ts",
        find: 'this.#calls.count("board");\n    this.#begin();',
        replace: 'this.#calls.count("board");',
      },
      {
        file: "durable-objects/queue-sequencer.ts",
        find: "const before = (nowMs: number): void => this.#turn(nowMs);",
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
        find: "if (!this.#store.awaitsDraw(nowMs)) return;",
        replace: "if (this.#store.read() === null) return;",
      },
      {
        file: "domain/queue/shuffle.ts",
        find: "  if (!isDue) return shuffle;\n",
        replace: "  if (!isDue && (isFirst || joined % 2 === 0)) return shuffle;\n",
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
        find: "const number = drawnNumber(earlyIndex, shuffle);",
        replace: "const number = drawnNumber(earlyIndex, shuffle) && earlyIndex;",
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
        find: "return shuffle === null ? index : drawnNumber(index, shuffle);",
        replace: "return shuffle === null ? index : drawnNumber(index, shuffle) && index;",
      },
    ],
    invariants: ["settles", "told.left", "number.stable", "no_exceptions"],
    seedsMax: 100,
  },
  {
    name: "who comes in a round is drawn in the one before",
    breaks: "a draw parts those before it from those after",
    patches: [
      {
        file: "domain/queue/shuffle.ts",
        find: "const before = ends[draw - 1] ?? 0;",
        replace: "const before = draw === 1 ? 0 : (ends[draw - 1] ?? 0);",
      },
    ],
    invariants: ["number.unique", "number.stable", "no_exceptions"],
    seedsMax: 200,
  },
  {
    name: "a start moves that has come",
    breaks: "a sale starts once, and its early entrants are drawn at that start",
    patches: [
      {
        file: "domain/purchase/sale-changes.ts",
        find: "const hasStarted = isDrawn || (!isDraft && nowMs >= control.startsAtMs);",
        replace: "const hasStarted = isDrawn && isDraft;",
      },
    ],
    invariants: ["shuffle.start"],
    seedsMax: 200,
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
