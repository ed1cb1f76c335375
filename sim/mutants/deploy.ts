import type { Mutant } from "./mutant.ts";

/** What only shows while two versions run at the same time, and with what the version before has left. */
export const DEPLOY_MUTANTS: readonly Mutant[] = [
  {
    name: "objects that are there get no new tables",
    breaks: "an object's tables are brought up to date when its code is",
    patches: [
      {
        file: "durable-objects/migrate.ts",
        find: "if (index < done) continue;",
        replace: "if (done > 0) continue;",
      },
    ],
    invariants: ["no_exceptions"],
    seedsMax: 60,
  },
  {
    name: "a report has to tell of the waiting list",
    breaks: "an item of the version before is heard",
    patches: [
      {
        file: "durable-objects/queue-sequencer.ts",
        find: "const { version, ...listed } = list ?? { version: 0 };",
        replace: "const { version, ...listed } = list!;",
      },
    ],
    invariants: ["no_exceptions"],
    seedsMax: 60,
  },
  {
    name: "a page has to bring the hashes of its events",
    breaks: "pages of the version before are written, however late they come",
    patches: [
      {
        file: "workers/purchase/books/reading.ts",
        find: "hash: hashes?.[index] ?? null,",
        replace: "hash: hashes![index] ?? null,",
      },
    ],
    invariants: ["no_exceptions", "attention.true"],
    seedsMax: 60,
  },
  {
    name: "a line of the version before is read as it is",
    breaks: "what is missing in a stored line has its beginning",
    patches: [
      {
        file: "durable-objects/sequencer-store.ts",
        find: "line: this.#line.of(row.line, (line) => ({ ...EMPTY_LINE, ...line })),",
        replace: "line: this.#line.of(row.line),",
      },
    ],
    invariants: ["no_exceptions"],
    seedsMax: 60,
  },
];
