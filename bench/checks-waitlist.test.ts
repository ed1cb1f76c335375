import { describe, expect, it } from "vitest";
import { checkAll } from "./checks.ts";
import { checkWaitlist, listFigures } from "./checks-waitlist.ts";
import type { Evidence } from "./evidence.ts";
import { present, recordAt, soundEvidence } from "./evidence-fixture.ts";
import type { LedgerRow } from "./contract.ts";

const LIST_COUNTS = { sku: "sku", waiting: 1, offered: 0, bought: 1, lapsed: 0, left: 1 };

/**
 * A sound sale with a waiting list: shopper 2 is offered the unit that came back and buys it; 3 waits until
 * all is sold, 4 has left the list before the unit came.
 */
function evidenceWithList(): Evidence {
  const evidence = { ...soundEvidence(), proof: null };
  const offered = rowOf(evidence, "order-2");
  offered.type = "offered";
  const beforeMs = Date.parse(offered.at) - 1000;
  // These were there before anybody waited.
  for (const orderId of ["order-0", "order-1"])
    rowOf(evidence, orderId).at = new Date(beforeMs - 1000).toISOString();
  for (const [index, orderId, leftAtMs] of [
    [2, "order-2", null],
    [3, null, null],
    [4, null, beforeMs + 500],
  ] as const) {
    recordAt(evidence, index).list = { number: index + 1, joinedAtMs: beforeMs, orderId, leftAtMs };
  }
  evidence.summary.waitlist = [{ ...LIST_COUNTS }];
  return evidence;
}

/** The row that began an order. */
function rowOf({ ledger }: Evidence, orderId: string): LedgerRow {
  return present(ledger.find((row) => row.orderId === orderId));
}

function listOf(evidence: Evidence, index: number) {
  return present(recordAt(evidence, index).list ?? undefined);
}

describe("the waiting list", () => {
  it("is sound where the next one is offered what comes free", () => {
    const evidence = evidenceWithList();
    expect(checkAll(evidence)).toEqual([]);
    expect(listFigures(evidence.records)).toEqual({
      joined: 3,
      offered: 1,
      bought: 1,
      letGo: 0,
      waitedInVain: 2,
    });
  });

  it.each<[fault: string, promise: RegExp, breakIt: (evidence: Evidence) => void]>([
    [
      "a unit is left while somebody waits",
      /gets what comes free/,
      ({ ledger }) => (present(ledger.at(-1)).available = 1),
    ],
    [
      "somebody buys a unit in line while another one waits",
      /nobody buys while somebody waits/,
      (evidence) => {
        rowOf(evidence, "order-2").type = "reserved";
        recordAt(evidence, 2).list = null;
      },
    ],
    [
      "a unit is offered to a greater number than that of another one who waits",
      /offers go to the next/,
      (evidence) => (listOf(evidence, 3).number = 1),
    ],
    [
      "one is passed over who leaves the list later",
      /offers go to the next/,
      (evidence) => Object.assign(listOf(evidence, 4), { number: 1, leftAtMs: Infinity }),
    ],
    [
      "a purchase passes over one who gets an offer later",
      /nobody buys while somebody waits/,
      (evidence) => (rowOf(evidence, "order-1").at = rowOf(evidence, "order-2").at),
    ],
  ])("is not when %s", (_, promise, breakIt) => {
    const evidence = evidenceWithList();
    breakIt(evidence);
    const promises = checkWaitlist(evidence).map((breach) => breach.promise);
    expect(promises).toContainEqual(expect.stringMatching(promise));
  });

  it("says nothing of who had not certainly joined, or does not know what came", () => {
    const late = evidenceWithList();
    Object.assign(listOf(late, 3), {
      number: 1,
      joinedAtMs: Date.parse(rowOf(late, "order-2").at),
    });
    const unknowing = evidenceWithList();
    listOf(unknowing, 3).number = 1;
    recordAt(unknowing, 3).end = "time_over";
    for (const evidence of [late, unknowing]) expect(checkWaitlist(evidence)).toEqual([]);
  });

  it("lets an offer be unknown to a shopper whose time was over, and to no other", () => {
    const promises = (evidence: Evidence) => checkAll(evidence).map(({ promise }) => promise);
    const evidence = evidenceWithList();
    const shopper = recordAt(evidence, 2);
    Object.assign(shopper, { holds: [], orders: [], end: "sold_out" });
    listOf(evidence, 2).orderId = null;
    expect(promises(evidence)).toContain("no order exists that nobody was told of");
    shopper.end = "time_over";
    expect(promises(evidence)).not.toContain("no order exists that nobody was told of");
  });
});
