import type { Mutant } from "./mutant.ts";

/** The sale's public log, and what was told by it. */
export const LOG_MUTANTS: readonly Mutant[] = [
  {
    name: "a join is not logged",
    breaks: "every number that was told is in the log",
    patches: [
      {
        file: "durable-objects/join-book.ts",
        find: 'this.#log.note({ kind: "joined", ...place, arrivedAtMs, stampMs, binding }) ?? undefined;',
        replace:
          'lastNumber % 4 === 2 ? undefined : this.#log.note({ kind: "joined", ...place, arrivedAtMs, stampMs, binding }) ?? undefined;',
      },
    ],
    invariants: ["log.verifies"],
    seedsMax: 50,
  },
  {
    name: "a grant is not logged",
    breaks: "everybody who was let in is in the log",
    patches: [
      {
        file: "durable-objects/line-book.ts",
        find: '      this.#log.note({ kind: "granted", number, expiresAtMs });\n',
        replace: "",
      },
    ],
    invariants: ["log.verifies", "log.complete"],
    seedsMax: 50,
  },
  {
    name: "a renewal is not logged",
    breaks: "every pass that was told is in the log",
    patches: [
      {
        file: "durable-objects/line-book.ts",
        find: '    this.#log.note({ kind: "renewed", number: claim.number, expiresAtMs: untilMs });\n',
        replace: "",
      },
    ],
    invariants: ["log.verifies", "log.complete"],
    seedsMax: 100,
  },
  {
    name: "an entry is written after the answer",
    breaks: "what was told is in the log, whatever dies",
    patches: [
      {
        file: "durable-objects/queue-sequencer.ts",
        find: "new JoinBook(this.#store, this.#log, () => this.#board());",
        replace: `new JoinBook(this.#store, {
      note: (event) => {
        runtime.setTimer(() => this.#log.transactionSync(() => this.#log.note(event)), 200);
        return null;
      },
      seal: () => {},
      texts: (indexes) => this.#log.texts(indexes),
    }, () => null);`,
      },
    ],
    invariants: ["log.verifies", "log.complete"],
    seedsMax: 50,
  },
  {
    name: "a receipt comes before its head",
    breaks: "a receipt names a head that covers it",
    patches: [
      {
        file: "durable-objects/join-book.ts",
        find: "if (places.length > 0) this.#log.seal();",
        replace: "",
      },
    ],
    invariants: ["log.verifies"],
    seedsMax: 50,
  },
  {
    name: "a head is signed before it is written",
    breaks: "there is one head of a size, and it is written down",
    patches: [
      {
        file: "durable-objects/join-book.ts",
        find: "if (places.length > 0) this.#log.seal();",
        replace: "",
      },
      {
        file: "durable-objects/sale-log.ts",
        find: `    const newest = this.#store.newestHead();
    const isBehind`,
        replace: `    const { kid } = this.#signingKey();
    const newest = { size: state.tree.size, head: headOf(state.tree), atMs: 0, kid };
    const isBehind`,
      },
    ],
    invariants: ["log.heads"],
    seedsMax: 50,
  },
];
