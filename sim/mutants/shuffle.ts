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
        file: "domain/queue/shuffle.ts",
        find: "  if (!isDue || closedOf(shuffle) !== null) return shuffle;\n",
        replace: "  if (!isDue && (isFirst || joined % 2 === 0)) return shuffle;\n",
      },
    ],
    invariants: ["shuffle.once", "number.stable", "number.unique"],
    seedsMax: 50,
  },
  {
    name: "the seed is told before the head is written",
    breaks: "who knows the seed cannot change any more who is in the draw",
    patches: [
      {
        file: "durable-objects/draws.ts",
        find: "this.#store.writeShuffle({ ...after, drawnIndex: logged?.index ?? null });",
        replace: "this.#store.writeShuffle(after);\n    this.reveal();",
      },
    ],
    invariants: ["shuffle.covered"],
    seedsMax: 50,
  },
  {
    name: "the value is not mixed in",
    breaks: "who chose the seed did not know how places would fall",
    patches: [
      {
        file: "domain/queue/shuffle.ts",
        find: "return sha256Hex(`${seed}/${publicRandomness.value}`);",
        replace: "return seed;",
      },
    ],
    invariants: ["shuffle.place"],
    seedsMax: 100,
  },
  {
    name: "the seed is told while its value is missing",
    breaks: "nobody is numbered before the public value is there",
    patches: [
      {
        file: "domain/queue/shuffle.ts",
        find: "if (closed === null || missingValue(shuffle)) return shuffle;",
        replace: "if (closed === null) return shuffle;",
      },
    ],
    invariants: ["shuffle.value"],
    seedsMax: 100,
  },
  {
    name: "the value is taken before the draw has closed",
    breaks: "who joins the draw cannot know the public value",
    patches: [
      {
        file: "domain/queue/shuffle.ts",
        find: "  if (!hasClosed(shuffle))\n",
        replace: "  if (shuffle.drawsMax === 0)\n",
      },
    ],
    invariants: ["shuffle.value"],
    seedsMax: 100,
  },
  {
    name: "nobody is told who brought the value",
    breaks: "everything that staff did to a sale is in its chain, once",
    patches: [{ file: "durable-objects/draws.ts", find: "    brought(named);\n", replace: "" }],
    invariants: ["trail.complete"],
    seedsMax: 50,
  },
  {
    name: "another value takes the place of the first",
    breaks: "a public value is taken once",
    patches: [
      {
        file: "domain/queue/shuffle.ts",
        find: "  if (named.value !== null)\n",
        replace: "  if (named.value !== null && named.value === shuffle.seedHash)\n",
      },
    ],
    invariants: ["told.value", "shuffle.value", "shuffle.place", "number.stable"],
    seedsMax: 200,
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
    invariants: ["number.unique", "number.stable", "no_exceptions", "shuffle.place"],
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
  {
    name: "who left before a draw stays in line after it",
    breaks: "whoever leaves has left, also where places are drawn later",
    patches: [
      {
        file: "durable-objects/line-book.ts",
        find: "    line = this.#departEarly({ ...record, line }, nowMs);\n",
        replace: "",
      },
    ],
    invariants: ["settles"],
    seedsMax: 200,
  },
  {
    name: "the hash of the newest seed is shown for the first one's",
    breaks: "the seed of a draw is the one that was promised",
    patches: [
      {
        file: "domain/queue/shuffle.ts",
        find: "}: SecretShuffle): Shuffle {\n  return shuffle;",
        replace:
          "}: SecretShuffle): Shuffle {\n  if (shuffle.seed !== null) return { ...shuffle, seedHash: sha256Hex(shuffle.seed) };\n  return shuffle;",
      },
    ],
    invariants: ["shuffle.seed"],
    seedsMax: 200,
  },
];
