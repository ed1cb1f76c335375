import { describe, expect, it } from "vitest";
import type { BooksEvidence } from "./books-evidence.ts";
import { checkBooks } from "./checks-books.ts";
import type { MessageRead } from "./contract-books.ts";
import { present, recordAt, soundEvidence } from "./evidence-fixture.ts";
import type { Evidence } from "./evidence.ts";

/** Goal: each check catches its fault. Method: break sound books in one place, name the promise. */
interface BrokenTwin {
  fault: string;
  promise: RegExp;
  /** What is said of it. */
  says: RegExp;
  break: (proof: BooksEvidence, evidence: Evidence) => void;
}

const RECONCILE = /events, tables, provider and messages reconcile/;
const VERIFY = /history verifies/;
const REBUILD = /a rebuild from the chains is equal/;
const SENT = /every message that is due is sent once/;
const DELIVERED = /every message that is due lies in a mailbox/;
const READ = /every shopper reads exactly what is due/;

/** What a shopper reads. */
function boxOf(proof: BooksEvidence, index: number): MessageRead[] {
  return present(proof.mailboxes.get(index)) as MessageRead[];
}

const BROKEN_TWINS: readonly BrokenTwin[] = [
  {
    fault: "a row of a table is not what its events say",
    promise: RECONCILE,
    says: /payment order-0:1: payment_changed \(state: "captured", not "declined"\)/,
    break: ({ reconciled: [item] }) =>
      Object.assign(present(item), {
        ok: false,
        count: 1,
        differences: [
          {
            kind: "payment_changed",
            table: "payment",
            key: "order-0:1",
            field: "state",
            expected: "declined",
            found: "captured",
          },
        ],
      }),
  },
  {
    fault: "there are more differences than are listed",
    promise: RECONCILE,
    says: /sku: 7 more/,
    break: ({ reconciled: [item] }) => Object.assign(present(item), { ok: false, count: 7 }),
  },
  {
    fault: "an item is not ok without a difference",
    promise: RECONCILE,
    says: /nothing says why/,
    break: ({ reconciled: [item] }) => Object.assign(present(item), { ok: false }),
  },
  {
    fault: "orders still move when all is over",
    promise: RECONCILE,
    says: /2 orders are not settled/,
    break: ({ reconciled: [item] }) => (present(item).figures.unsettled = 2),
  },
  {
    fault: "nothing was compared",
    promise: RECONCILE,
    says: /no item was reconciled/,
    break: ({ reconciled }) => reconciled.splice(0),
  },
  {
    fault: "a row of a chain was changed",
    promise: VERIFY,
    says: /item\/sku 3: changed/,
    break: ({ audit }) => audit.findings.push("item/sku 3: changed (by the chain): So."),
  },
  {
    fault: "nothing was verified",
    promise: VERIFY,
    says: /no row was verified/,
    break: ({ audit }) => (audit.rows = 0),
  },
  {
    fault: "a rebuilt table differs",
    promise: REBUILD,
    says: /orders: 1 missing/,
    break: ({ rebuilt }) => rebuilt.differences.push("orders: 1 missing"),
  },
  {
    fault: "nothing was rebuilt",
    promise: REBUILD,
    says: /no row was rebuilt/,
    break: ({ rebuilt }) => (rebuilt.rows = 0),
  },
  {
    fault: "a message was never written",
    promise: SENT,
    says: /item\/sku\/5 was never told/,
    break: ({ told }) => told.splice(2, 1),
  },
  {
    fault: "a message was written twice",
    promise: SENT,
    says: /item\/sku\/2 was told twice/,
    break: ({ told }) => told.push(present(told[0])),
  },
  {
    fault: "a message tells of nothing that happened",
    promise: SENT,
    says: /item\/sku\/4 was told, and is not due/,
    break: ({ told }) => told.push({ ...present(told[0]), id: "item/sku/4" }),
  },
  {
    fault: "a message tells something else",
    promise: SENT,
    says: /item\/sku\/2 tells expired of order-0, due is reserved/,
    break: ({ told }) => Object.assign(present(told[0]), { kind: "expired" }),
  },
  {
    fault: "a message failed at every try",
    promise: SENT,
    says: /item\/sku\/2 is dead/,
    break: ({ told }) => (present(told[0]).state = "dead"),
  },
  {
    fault: "two people are told of one order",
    promise: SENT,
    says: /order-0 was told to g_0 and to g_1/,
    break: ({ told }) => (present(told[2]).shopper = "g_1"),
  },
  {
    fault: "all that is told of an order is told to somebody else",
    promise: SENT,
    says: /item\/sku\/9 of shopper 2, who is g_2, was told to g_1/,
    break: ({ told }) => told.slice(4).forEach((message) => (message.shopper = "g_1")),
  },
  {
    fault: "it cannot be read who a shopper is",
    promise: SENT,
    says: /item\/sku\/9 of shopper 2, who is null/,
    break: (proof) => (proof.subjects as Map<number, string | null>).set(2, null),
  },
  {
    fault: "a message of somebody who was not asked is in no mailbox",
    promise: DELIVERED,
    says: /5 delivered, 6 due/,
    break: ({ reconciled: [item] }) => (present(item).figures.delivered = 5),
  },
  {
    fault: "the reconciliation has one message more than are due",
    promise: DELIVERED,
    says: /7 messages, 6 due/,
    break: ({ reconciled: [item] }) => (present(item).figures.messages = 7),
  },
  {
    fault: "a mailbox tells something else of an event",
    promise: READ,
    says: /shopper 0 reads item\/sku\/2 as expired of order-0, due is reserved/,
    break: (proof) => (present(boxOf(proof, 0)[0]).kind = "expired"),
  },
  {
    fault: "nobody who had an order was asked",
    promise: READ,
    says: /nobody who had an order was asked/,
    break: (proof) =>
      [0, 1, 2].forEach((index) => (proof.mailboxes as Map<number, unknown>).delete(index)),
  },
  {
    fault: "a mailbox lacks a message",
    promise: READ,
    says: /shopper 0 does not read item\/sku\/5/,
    break: (proof) => boxOf(proof, 0).pop(),
  },
  {
    fault: "a mailbox has a message twice",
    promise: READ,
    says: /shopper 0 reads item\/sku\/2 twice/,
    break: (proof) => boxOf(proof, 0).push(present(boxOf(proof, 0)[0])),
  },
  {
    fault: "a shopper reads somebody else's message",
    promise: READ,
    says: /shopper 5 reads item\/sku\/5 of shopper 0/,
    break: (proof) => boxOf(proof, 5).push(present(boxOf(proof, 0)[1])),
  },
  {
    fault: "two shoppers read a message of an order that nobody was told of",
    promise: READ,
    says: /shoppers 2 and 5 read item\/sku\/9/,
    break: (proof, evidence) => {
      recordAt(evidence, 2).holds = [];
      boxOf(proof, 5).push(present(boxOf(proof, 2)[0]));
    },
  },
  {
    fault: "a shopper reads what nobody was to be told",
    promise: READ,
    says: /shopper 5 reads item\/sku\/12, which is not due/,
    break: (proof) => boxOf(proof, 5).push({ id: "item/sku/12", kind: "confirmed" }),
  },
  {
    fault: "something was put before a person",
    promise: /nothing was put before a person/,
    says: /unreadable_event item-1: So\./,
    break: ({ items }) => items.push({ itemId: "item-1", kind: "unreadable_event", detail: "So." }),
  },
];

describe("the checks of the books", () => {
  it("find nothing in sound ones, nor where there are none", () => {
    expect(checkBooks(soundEvidence())).toEqual([]);
    expect(checkBooks({ ...soundEvidence(), proof: null })).toEqual([]);
  });

  it.each(BROKEN_TWINS)("find that $fault", ({ break: breakTwin, promise, says }) => {
    const evidence = soundEvidence();
    breakTwin(present(evidence.proof ?? undefined), evidence);
    const breaches = checkBooks(evidence);
    expect(breaches.map((breach) => breach.promise)).toEqual([expect.stringMatching(promise)]);
    expect(breaches[0]?.examples).toEqual(expect.arrayContaining([expect.stringMatching(says)]));
  });

  it("say nothing of an item that a person has dealt with", () => {
    const evidence = soundEvidence();
    const item = { itemId: "i", kind: "differed", detail: "So.", resolvedAt: "2026-11-22" };
    evidence.proof?.items.push(item);
    expect(checkBooks(evidence)).toEqual([]);
  });

  it("count an offer that was not looked for as nobody's order", () => {
    const evidence = soundEvidence();
    recordAt(evidence, 2).holds = [];
    expect(checkBooks(evidence)).toEqual([]);
  });
});
