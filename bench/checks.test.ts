import { describe, expect, it } from "vitest";
import { checkAll, confirmedUnits, nothingIsOversold } from "./checks.ts";
import type { Evidence } from "./evidence.ts";
import { present, recordAt, soundEvidence } from "./evidence-fixture.ts";

/** Goal: each check catches its fault. Method: break sound evidence in one place, name the promise. */
interface BrokenTwin {
  fault: string;
  promise: RegExp;
  break: (evidence: Evidence) => void;
}

const BROKEN_TWINS: readonly BrokenTwin[] = [
  {
    fault: "the verifier finds something",
    promise: /the line's log verifies/,
    break: ({ log }) => log?.findings.push("joins, entry 4: number 3 follows 1"),
  },
  {
    fault: "a shopper got no receipt",
    promise: /the line's log verifies/,
    break: (evidence) => (present(recordAt(evidence, 0).places[0]).receipt = null),
  },
  {
    fault: "a receipt is of another number",
    promise: /the line's log verifies/,
    break: (evidence) => {
      const receipt = { leaf: '{"number":2}', index: 2, checkpoint: "signed" };
      present(recordAt(evidence, 0).places[0]).receipt = receipt;
    },
  },
  {
    fault: "the log does not have a number that was told",
    promise: /the line's log verifies/,
    break: ({ log }) => log && (log.numbers = { ...log.numbers, joined: new Set([1, 2]) }),
  },
  {
    fault: "the log does not have a pass that was told",
    promise: /the line's log verifies/,
    break: ({ log }) => log && (log.numbers = { ...log.numbers, granted: new Set([1, 2]) }),
  },
  {
    fault: "the log has fewer joins than numbers were told",
    promise: /the line's log verifies/,
    break: ({ log }) => log && (log.joined = 9),
  },
  {
    fault: "a ledger row is missing",
    promise: /every row, in sequence/,
    break: ({ ledger }) => ledger.splice(3, 1),
  },
  {
    fault: "the ledger is empty",
    promise: /every row, in sequence/,
    break: ({ ledger }) => ledger.splice(0),
  },
  {
    fault: "the first row is missing",
    promise: /every row, in sequence/,
    break: ({ ledger }) => ledger.shift(),
  },
  {
    fault: "the equation fails in one row",
    promise: /available \+ held \+ sold = stock/,
    break: ({ ledger }) => (present(ledger[4]).available += 1),
  },
  {
    fault: "a counter is below 0 while the equation holds",
    promise: /available \+ held \+ sold = stock/,
    break: ({ ledger }) => Object.assign(present(ledger[2]), { available: -1, held: 3 }),
  },
  {
    fault: "a confirmation moves no unit",
    promise: /moves its own units/,
    break: ({ ledger }) => Object.assign(present(ledger[4]), { held: 2, sold: 0 }),
  },
  {
    fault: "D1 has more confirmed than the stock",
    promise: /never oversold/,
    break: ({ orders }) => (present(orders[1]).status = "CONFIRMED"),
  },
  {
    fault: "more shoppers were told confirmed than there were units",
    promise: /never oversold/,
    break: (evidence) => (present(recordAt(evidence, 1).orders[2]).status = "CONFIRMED"),
  },
  {
    fault: "the summary itself says oversold",
    promise: /never oversold/,
    break: ({ summary }) => (summary.oversold = 1),
  },
  {
    fault: "the summary counts another number of units",
    promise: /same units sold/,
    break: ({ summary }) => (summary.sold = 1),
  },
  {
    fault: "an acknowledged hold is not in D1",
    promise: /acknowledged hold is kept/,
    break: ({ orders }) => orders.pop(),
  },
  {
    fault: "an acknowledged hold is in the ledger with another quantity",
    promise: /acknowledged hold is kept/,
    break: ({ ledger }) => (present(ledger[1]).quantity = 2),
  },
  {
    fault: "an order has another total in D1",
    promise: /acknowledged hold is kept/,
    break: ({ orders }) => (present(orders[0]).total = { amount: 1, currency: "EUR" }),
  },
  {
    fault: "a shopper was told confirmed, and the ledger says expired",
    promise: /outcome that was told stands/,
    break: ({ ledger }) => (present(ledger[4]).type = "expired"),
  },
  {
    fault: "a shopper was told cancelled, and D1 says reserved",
    promise: /outcome that was told stands/,
    break: ({ orders }) => (present(orders[1]).status = "RESERVED"),
  },
  {
    fault: "D1 has an order that the ledger does not know",
    promise: /D1 agrees with the ledger/,
    break: ({ orders }) => orders.push({ ...present(orders[0]), orderId: "order-9" }),
  },
  {
    fault: "an order exists that nobody was told of",
    promise: /nobody was told of/,
    break: (evidence) => recordAt(evidence, 2).holds.pop(),
  },
  {
    fault: "two shoppers have one number",
    promise: /number is given once/,
    break: (evidence) => (present(recordAt(evidence, 5).places[0]).number = 5),
  },
  {
    fault: "a shopper was numbered twice and told once",
    promise: /number given was told/,
    break: (evidence) => (present(recordAt(evidence, 9).places[0]).number = 11),
  },
  {
    fault: "one shopper has two orders",
    promise: /nobody gets more than 1/,
    break: (evidence) => {
      const [second] = recordAt(evidence, 2).holds.splice(0);
      recordAt(evidence, 0).holds.push(present(second));
    },
  },
  {
    fault: "two shoppers have one order",
    promise: /nobody gets more than 1/,
    break: (evidence) => recordAt(evidence, 3).holds.push(present(recordAt(evidence, 0).holds[0])),
  },
  {
    fault: "a number is greater than that of someone who came after the answer",
    promise: /stands before them/,
    break: (evidence) => (present(recordAt(evidence, 4).places[0]).number = 50),
  },
  {
    fault: "the same key got other bytes",
    promise: /byte for byte/,
    break: (evidence) => (present(recordAt(evidence, 0).repeats[0]).again.text += " "),
  },
  {
    fault: "the same key got a refusal after its 202",
    promise: /byte for byte/,
    break: (evidence) => {
      present(recordAt(evidence, 0).repeats[0]).again = { status: 409, text: '{"code":"limit"}' };
    },
  },
  {
    fault: "an answer contradicted an earlier one",
    promise: /never taken back/,
    break: (evidence) => recordAt(evidence, 7).contradictions.push("number 8 became 9"),
  },
  {
    fault: "the sequencer counted more inside than the capacity",
    promise: /at most 2 are inside/,
    break: ({ summary }) => (summary.objects = { sequencer: { peakInside: 3 } }),
  },
  {
    fault: "more passes were out at one moment than the capacity",
    promise: /at most 2 are inside/,
    break: (evidence) => {
      for (const index of [0, 1, 2]) {
        Object.assign(present(recordAt(evidence, index).places[0]), {
          passAtMs: 100,
          purchaseSentAtMs: 200,
        });
      }
    },
  },
  {
    fault: "nobody had to wait",
    promise: /a line forms/,
    break: (evidence) => {
      for (const { places } of evidence.records) present(places[0]).stateAtJoin = "admitted";
    },
  },
  {
    fault: "a call got an answer that the contract does not know",
    promise: /the contract knows/,
    break: (evidence) => (recordAt(evidence, 8).end = "failed"),
  },
  {
    fault: "a shopper was told sold out while a unit is left",
    promise: /to the last unit/,
    break: ({ ledger }) => Object.assign(present(ledger.at(-1)), { available: 1, sold: 1 }),
  },
  {
    fault: "time was over with shoppers in line",
    promise: /to the last unit/,
    break: (evidence) => (recordAt(evidence, 9).end = "time_over"),
  },
];

describe("checks over the three sources", () => {
  it("find nothing wrong with a sound sale", () => {
    expect(checkAll(soundEvidence())).toEqual([]);
  });

  it.each(BROKEN_TWINS)("catch it when $fault", ({ promise, break: breakIt }) => {
    const evidence = soundEvidence();
    breakIt(evidence);
    const promises = checkAll(evidence).map((breach) => breach.promise);
    expect(promises).toContainEqual(expect.stringMatching(promise));
  });

  it("count what is sold in every source", () => {
    const two = { ledger: 2, ledgerOrders: 2, d1: 2, told: 2, summary: 2 };
    expect(confirmedUnits(soundEvidence())).toEqual(two);
  });
});

describe("checks are lenient where the contract is open", () => {
  it("take a missing summary for no statement", () => {
    expect(checkAll({ ...soundEvidence(), summary: {} })).toEqual([]);
  });

  it("let row types they do not know change the state of an order, not the equation", () => {
    const evidence = soundEvidence();
    present(evidence.ledger.at(-1)).type = "shipped";
    present(evidence.orders[2]).status = "SHIPPED";
    expect(checkAll(evidence)).toEqual([]);
  });

  it("let a restock change the stock from its row on", () => {
    const evidence = soundEvidence();
    const sequence = evidence.ledger.length + 1;
    const at = present(evidence.ledger[0]).at;
    const counters = { available: 0, held: 0, sold: 2 };
    evidence.ledger.push({ sequence, at, type: "restocked", quantity: 0, ...counters });
    expect(checkAll(evidence)).toEqual([]);
  });

  it("let what was restocked be sold", () => {
    const evidence = soundEvidence();
    present(evidence.orders[1]).status = "CONFIRMED";
    expect(nothingIsOversold(evidence)).toHaveLength(1);
    const restocked = { ...present(evidence.ledger.at(-1)), type: "restocked", quantity: 1 };
    evidence.ledger.push(restocked);
    expect(nothingIsOversold(evidence)).toEqual([]);
  });

  it("let one click of two lose when the other won the last unit", () => {
    const evidence = soundEvidence();
    const sold = '{"code":"sold_out"}';
    present(recordAt(evidence, 0).repeats[0]).first = { status: 409, text: sold };
    expect(checkAll(evidence)).toEqual([]);
  });

  it("let an order be unknown when its shopper never learned the outcome", () => {
    const evidence = soundEvidence();
    recordAt(evidence, 2).holds.pop();
    recordAt(evidence, 2).orders = [];
    recordAt(evidence, 2).purchaseUnresolved = true;
    expect(checkAll(evidence)).toEqual([]);
  });
});
