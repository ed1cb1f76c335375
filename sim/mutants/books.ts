import type { Mutant } from "./mutant.ts";

/** What the chains, their copies and those who compare them have to keep to. */
export const BOOKS_MUTANTS: readonly Mutant[] = [
  {
    name: "a page that the database refused counts as written",
    breaks: "an event is acknowledged after the consumer's own commit",
    patches: [
      {
        file: "workers/purchase/consumers/projection.ts",
        find: "    } catch (error) {\n      return String(error);\n    }",
        replace: "    } catch {\n      due = [];\n    }",
      },
    ],
    invariants: ["settles", "chain.mirrored", "books.agree"],
    seedsMax: 100,
  },
  {
    name: "an older row of a payment replaces a newer one",
    breaks: "the higher version of an attempt wins",
    patches: [
      {
        file: "workers/purchase/books/writers.ts",
        find: `table.error, table.version, table.updatedAtMs),
      setWhere: sql\`excluded.version > \${table.version}\`,`,
        replace: `table.error, table.version, table.updatedAtMs),
      setWhere: sql\`excluded.version <> \${table.version}\`,`,
      },
    ],
    invariants: ["attention.true", "books.agree", "books.rebuilt"],
    seedsMax: 300,
  },
  {
    name: "older counters replace newer ones in the database",
    breaks: "the counters with the higher sequence win",
    patches: [
      {
        file: "workers/purchase/books/writers.ts",
        find: "setWhere: sql`excluded.sequence > ${table.sequence}`,",
        replace: "setWhere: sql`excluded.sequence <> ${table.sequence}`,",
      },
    ],
    invariants: ["settles", "books.agree", "attention.true"],
    seedsMax: 300,
  },
  {
    name: "a trail hashes another text than it stores",
    breaks: "every row of a chain follows from the one before",
    patches: [
      {
        file: "durable-objects/trail-store.ts",
        find: "      chainHash(end.hash, text),\n",
        replace: "      chainHash(end.hash, type),\n",
      },
    ],
    invariants: ["chain.follows"],
    seedsMax: 10,
  },
  {
    name: "an anchor names another row than it has the hash of",
    breaks: "what is anchored is what stood there",
    patches: [
      {
        file: "durable-objects/audit-log.ts",
        find: "for (const anchor of anchorsOf(moved))",
        replace:
          "for (const anchor of anchorsOf(moved.map((head) => ({ ...head, sequence: head.sequence + 1 }))))",
      },
    ],
    invariants: ["anchor.true"],
    seedsMax: 20,
  },
  {
    name: "the chain of a sale does not hear how the line is led",
    breaks: "everything that staff do is in a chain",
    patches: [
      {
        file: "durable-objects/control-desk.ts",
        find: '    this.#trail.write("adjusted", changes, by, nowMs);\n',
        replace: "",
      },
    ],
    invariants: ["trail.complete"],
    seedsMax: 100,
  },
  {
    name: "a page that met a passing fault is put before a person",
    breaks: "nobody is called for nothing",
    patches: [
      {
        file: "workers/purchase/consumers/dead-letters.ts",
        find: "const mayBeAtFault = message.attempts >= PAGES_TRIES && (await projection.isWell());",
        replace: "const mayBeAtFault = await projection.isWell();",
      },
      {
        file: "workers/purchase/consumers/dead-letters.ts",
        find: "    if (mayBeAtFault && (await projection.write([message])) === null) continue;\n",
        replace: "",
      },
    ],
    invariants: ["attention.true"],
    seedsMax: 100,
  },
  {
    name: "a page that is written after all stays before a person",
    breaks: "nobody is called for what is put right",
    patches: [
      {
        file: "workers/purchase/consumers/projection.ts",
        find: "      resolveWritten(db, nowMs),\n",
        replace: "",
      },
      // Without this a page meets so many faults in long sales alone.
      {
        file: "workers/purchase/consumers/dead-letters.ts",
        find: "const mayBeAtFault = message.attempts >= PAGES_TRIES && (await projection.isWell());",
        replace: "const mayBeAtFault = await projection.isWell();",
      },
      {
        file: "workers/purchase/consumers/dead-letters.ts",
        find: "    if (mayBeAtFault && (await projection.write([message])) === null) continue;\n",
        replace: "",
      },
    ],
    invariants: ["attention.resolved"],
    seedsMax: 100,
  },
  {
    name: "a rebuild goes on when another one has begun",
    breaks: "the rebuilt tables are those of the rebuild that began last",
    patches: [
      {
        file: "workers/purchase/books/rebuild-run.ts",
        find: "SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM rebuild WHERE run = ?)",
        replace: "SELECT NULL WHERE ? IS NULL",
      },
    ],
    invariants: ["books.owned"],
    seedsMax: 300,
  },
  {
    name: "a reconciliation takes what is on its way for a difference",
    breaks: "nobody is called for nothing",
    patches: [
      {
        file: "workers/purchase/books/reconcile-item.ts",
        find: "if (book.isSettled(orderId, mark)) suspect(",
        replace: "suspect(",
      },
      {
        file: "workers/purchase/books/reconcile-item.ts",
        find: "const isSettled = (ofOrder.at(-1)?.sequence ?? 0) <= mark;",
        replace: "const isSettled = true;",
      },
    ],
    invariants: ["attention.true", "books.agree"],
    seedsMax: 300,
  },
  {
    name: "a reconciliation does not look at payments",
    breaks: "a difference between any two books is found",
    patches: [
      {
        file: "domain/books/reconcile-order.ts",
        find: "    ...paymentDifferences(expected.payments, group.payments),\n",
        replace: "",
      },
    ],
    invariants: ["books.seen"],
    seedsMax: 300,
  },
  {
    name: "a reconciliation does not look at messages",
    breaks: "a difference between any two books is found",
    patches: [
      {
        file: "domain/books/reconcile-order.ts",
        find: "    ...messageDifferences(expected.messages, group.messages),\n",
        replace: "",
      },
    ],
    invariants: ["books.seen"],
    seedsMax: 300,
  },
  {
    name: "a list forgets how far it was read",
    breaks: "nobody is shown less than they saw",
    patches: [
      {
        file: "workers/purchase/database.ts",
        find: "const from = bookmark !== null && BOOKMARK.test(bookmark) ? bookmark : start;",
        replace: "const from = start;",
      },
    ],
    invariants: ["read.no_less"],
    seedsMax: 300,
  },
  {
    name: "what is lost on its way is never sent again",
    breaks: "every event reaches the database",
    patches: [
      {
        file: "domain/books/flight.ts",
        find: "    this.#doubtSilence(nowMs);\n",
        replace: "",
      },
    ],
    invariants: ["settles"],
    seedsMax: 300,
  },
  {
    name: "the root of an anchor leaves out where chains stand",
    breaks: "one hash stands for all that an anchor names",
    patches: [
      {
        file: "domain/books/anchor.ts",
        find: "`${chain} ${sequence} ${hash}\\n`",
        replace: "`${chain} ${hash}\\n`",
      },
    ],
    invariants: ["anchor.root"],
    seedsMax: 10,
  },
  {
    name: "what has no anchor yet is taken for forged",
    breaks: "verifying all chains finds nothing where nobody has tampered",
    patches: [
      {
        file: "workers/purchase/books/verify.ts",
        find: "const UNANCHORED_AFTER_MS = 24 * 3_600_000;",
        replace: "const UNANCHORED_AFTER_MS = 60_000;",
      },
    ],
    invariants: ["books.genuine"],
    seedsMax: 50,
  },
  {
    name: "a public value that is brought again is told again",
    breaks: "what was done to a sale is in its chain once",
    patches: [
      {
        file: "durable-objects/draws.ts",
        find: "    if (after === record.shuffle || !named) return { ok: true };",
        replace: `    if (after === record.shuffle && named) brought(named);
    if (after === record.shuffle || !named) return { ok: true };`,
      },
    ],
    invariants: ["trail.once"],
    seedsMax: 100,
  },
  {
    name: "nobody knows who led the line",
    breaks: "the chain of a sale names who did it",
    patches: [
      {
        file: "durable-objects/control-desk.ts",
        find: 'this.#trail.write("adjusted", changes, by, nowMs);',
        replace:
          'this.#trail.write("adjusted", changes, { ...by, actor: "staff:unknown" }, nowMs);',
      },
    ],
    invariants: ["trail.actor"],
    seedsMax: 50,
  },
];
