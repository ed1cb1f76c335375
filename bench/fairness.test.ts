import { describe, expect, it } from "vitest";
import { drainOf } from "./drain.ts";
import { present, recordAt, soundEvidence } from "./evidence-fixture.ts";
import { admissionOrderIsKept, fairnessOf } from "./fairness.ts";
import { renderFairness } from "./fairness-report.ts";
import { spreadOf } from "../domain/fairness/spread.ts";
import { percentile } from "../domain/percentiles.ts";
import { soldOutAtMs, soldOutFigures } from "./sold-out.ts";
import { arrivalOfTicket, grantOfPass } from "./token-times.ts";

const TERMS = { reorderWindowMs: 250, capacity: 2, serviceMs: null };
const SOCKET = { opened: 1, refused: 0, lost: 0, boards: 9, claimsTooSoon: 0 };
const SOLD_OUT_AT_MS = Date.parse("2026-11-22T12:00:00.000Z");

function placeAt(evidence: ReturnType<typeof soundEvidence>, index: number) {
  return present(recordAt(evidence, index).places[0]);
}

function tokenOf(fields: unknown): string {
  return `v1.k.${Buffer.from(JSON.stringify(fields)).toString("base64url")}.mac`;
}

describe("the fairness of a line", () => {
  it("is exact for a sound sale", () => {
    const figures = fairnessOf(soundEvidence(), TERMS);
    expect(figures).toMatchObject({ placed: 10, certainInversions: 0, duplicateNumbers: 0 });
    expect(figures.byGateway.tau).toBe(0);
    expect(figures.byClients.tau).toBe(0);
    expect(figures.displacedPlaces.max).toBe(0);
    expect(admissionOrderIsKept(figures)).toEqual([]);
  });

  it("judges the gateway's stamps and the clients' clocks apart", () => {
    const evidence = soundEvidence();
    placeAt(evidence, 9).arrivedAtMs = 0;
    const figures = fairnessOf(evidence, { ...TERMS, reorderWindowMs: 50 });
    expect(figures.byGateway.discordant).toBe(9);
    expect(figures.byClients.discordant).toBe(0);
    expect(figures.displacedPlaces.max).toBe(9);
    expect(figures.beyondWindow).toBe(1);
  });

  it("leaves places out that were not numbered by arrival", () => {
    const evidence = soundEvidence();
    placeAt(evidence, 0).numberedAtJoin = false;
    const figures = fairnessOf(evidence, TERMS);
    expect(figures.placed).toBe(9);
    expect(figures.byGateway.pairs).toBe(36);
  });

  it("finds who was let in past someone who asked, with a margin between the clocks", () => {
    const evidence = soundEvidence();
    Object.assign(placeAt(evidence, 0), { askKnownAtMs: 100, grantedAtMs: 300 });
    Object.assign(placeAt(evidence, 1), { askKnownAtMs: 100, grantedAtMs: 151 });
    const figures = fairnessOf(evidence, TERMS);
    expect(figures).toMatchObject({ admissionInversions: 1, granted: 2, grantedLate: 2 });
    expect(admissionOrderIsKept(figures)).toMatchObject([{ kind: "admission", count: 1 }]);
    placeAt(evidence, 1).grantedAtMs = 150;
    expect(fairnessOf(evidence, TERMS).admissionInversions).toBe(0);
  });

  it("is printed with its targets, the drain only where there is one", () => {
    const evidence = soundEvidence();
    const text = renderFairness(fairnessOf(evidence, TERMS), false);
    expect(text).toContain("tau, gateway arrival  0.000000 (target 0.001; 0 of 45 pairs");
    expect(text).not.toContain("drain");
    const drained = renderFairness(fairnessOf(evidence, { ...TERMS, serviceMs: 10 }), true);
    expect(drained).toMatch(/drain +\d+\.\d\d of the ideal \(target 1\.20\): 3 present/);
  });
});

describe("the drain of a line", () => {
  const setting = { capacity: 2, serviceMs: 5000 };
  const come = (joinedAtMs: number, passAtMs: number | null) => ({ joinedAtMs, passAtMs });

  it("compares with slots that are never free, for those who were there", () => {
    const line = [come(0, 100), come(50, 100), come(60, null), come(70, 5400), come(80, 5500)];
    expect(drainOf(line, setting)).toEqual({
      present: 4,
      idealMs: 10_000,
      tookMs: 5500,
      ratio: 0.55,
    });
  });

  it("is nothing when nobody was let in", () => {
    expect(drainOf([come(0, null)], setting)).toBeNull();
  });
});

describe("the news of sold out", () => {
  it("counts from the row after which nothing came back", () => {
    expect(soldOutAtMs(soundEvidence().ledger)).toBe(SOLD_OUT_AT_MS);
    expect(soldOutAtMs(soundEvidence().ledger.slice(0, -2))).toBeNull();
  });

  it("follows those who waited, not those who were inside, came later or went away", () => {
    const { records } = soundEvidence();
    for (const record of records) record.soldOutToldAtMs = 2000 + record.index;
    for (const index of [3, 5, 7]) present(records[index]).socket = SOCKET;
    const byPoll = { waiting: 4, told: 4, afterMs: { p50: 1006, p99: 1009, max: 1009 } };
    const bySocket = { waiting: 3, told: 3, afterMs: { p50: 1005, p99: 1007, max: 1007 } };
    expect(soldOutFigures(records, 1000)).toEqual({ bySocket, byPoll });
    present(records[3]).end = "gone";
    present(records[4]).soldOutToldAtMs = null;
    expect(soldOutFigures(records, 1000)).toMatchObject({
      bySocket: { waiting: 2, told: 2 },
      byPoll: { waiting: 4, told: 3 },
    });
    expect(soldOutFigures(records, 78)).toMatchObject({
      bySocket: { waiting: 1 },
      byPoll: { waiting: 2 },
    });
  });
});

describe("percentiles", () => {
  it("are values of the sample, by nearest rank", () => {
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ p50: 3, p99: 5, max: 5 });
    expect(percentile([1, 2], 50)).toBe(1);
    expect(spreadOf([])).toEqual({ p50: 0, p99: 0, max: 0 });
  });
});

describe("the times in tokens", () => {
  it("are read without the key", () => {
    const arrivedAtMs = 1_800_000_000_123;
    expect(arrivalOfTicket(tokenOf(["sale", 3, 20_000, arrivedAtMs, "binding"]))).toBe(arrivedAtMs);
    expect(grantOfPass(tokenOf(["sale", 7, "binding", arrivedAtMs, arrivedAtMs + 5]))).toBe(
      arrivedAtMs,
    );
  });

  it.each(["", "v1.k", "v1.k.!!.mac", tokenOf({}), tokenOf(["sale", 7])])(
    "are null in %j",
    (token) => {
      expect(arrivalOfTicket(token)).toBeNull();
    },
  );
});
