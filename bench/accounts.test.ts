import { describe, expect, it } from "vitest";
import { accountsOf, unitsOf } from "./accounts.ts";
import type { Evidence } from "./evidence.ts";
import { present, soundEvidence } from "./evidence-fixture.ts";

/** What of the sound sale's acknowledgements is there, after this was taken out of a source. */
function thereAfter(spoil: (evidence: Evidence) => void) {
  const evidence = soundEvidence();
  spoil(evidence);
  const { joins, passes, holds, orders, payments } = accountsOf(evidence);
  expect([joins, passes, holds, orders, payments].map(({ told }) => told)).toEqual([
    10, 3, 3, 3, 2,
  ]);
  return [joins, passes, holds, orders, payments].map(({ there }) => there);
}

describe("what was acknowledged", () => {
  it("is counted against each source, and what a source lost is missed", () => {
    expect(thereAfter(() => {})).toEqual([10, 3, 3, 3, 2]);
    expect(
      thereAfter(({ log }) => {
        present(log ?? undefined).numbers = { joined: new Set([1, 2]), granted: new Set([1]) };
      }),
    ).toEqual([2, 1, 3, 3, 2]);
    expect(thereAfter(({ orders }) => void orders.pop())).toEqual([10, 3, 2, 2, 2]);
    expect(thereAfter(({ ledger }) => void ledger.splice(9))).toEqual([10, 3, 3, 2, 2]);
    expect(thereAfter(({ books }) => void books?.pop())).toEqual([10, 3, 3, 3, 1]);
  });

  it("leaves no unit out", () => {
    const evidence = soundEvidence();
    const last = present(evidence.ledger.at(-1));
    evidence.ledger.push({ ...last, type: "restocked", orderId: null, quantity: 4, available: 4 });
    expect(unitsOf(evidence)).toEqual({ stock: 2, restocked: 4, available: 4, held: 0, sold: 2 });
  });
});
