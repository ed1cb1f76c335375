import { describe, expect, it } from "vitest";
import { holdsSurvive, placesAreKept, placesToCompare, versionsSurvive } from "./checks-resume.ts";
import { present, recordAt, soundEvidence } from "./evidence-fixture.ts";

describe("checks across a kill", () => {
  it("compare the places of all who had one and did not leave", () => {
    const { records } = soundEvidence();
    const indexes = placesToCompare(records).map(({ index }) => index);
    expect(indexes).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("accept equal places and catch a changed or a missing one", () => {
    expect(placesAreKept([{ index: 0, before: 7, after: 7 }])).toEqual([]);
    const broken = placesAreKept([
      { index: 0, before: 7, after: 8 },
      { index: 1, before: 9, after: null },
    ]);
    expect(broken).toMatchObject([{ kind: "lost", count: 2 }]);
  });

  it("accept a ledger that has every order as told", () => {
    const { records, ledger } = soundEvidence();
    expect(holdsSurvive(records, ledger)).toEqual([]);
  });

  it("catch an order that is gone", () => {
    const { records, ledger } = soundEvidence();
    const without = ledger.filter((row) => row.orderId !== "order-2");
    expect(holdsSurvive(records, without)).toMatchObject([{ count: 1 }]);
  });

  it("catch a confirmed order that is only reserved after the kill", () => {
    const { records, ledger } = soundEvidence();
    const without = ledger.filter((row) => row.orderId !== "order-0" || row.type === "reserved");
    expect(holdsSurvive(records, without)).toMatchObject([{ count: 1 }]);
  });

  it("accept versions that stand and catch one that fell back", () => {
    const evidence = soundEvidence();
    expect(versionsSurvive(evidence.records, evidence.orders)).toEqual([]);
    present(recordAt(evidence, 2).orders.at(-1)).version = 9;
    expect(versionsSurvive(evidence.records, evidence.orders)).toMatchObject([{ count: 1 }]);
  });
});
