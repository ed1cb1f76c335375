import { describe, expect, it } from "vitest";
import { START_MS } from "../plan/plan.ts";
import { brokenResult } from "./protocol.ts";
import { renderRun } from "./report.ts";
import type { SeedResult } from "./seed.ts";
import { Tally } from "./tally.ts";
import { readable, shortTrace } from "./trace.ts";

function resultOf(seed: number, more: Partial<SeedResult> = {}): SeedResult {
  const result = brokenResult(seed, { invariant: "settles", detail: "" });
  return { ...result, hash: `hash of ${seed}`, violations: [], ...more };
}

function tallyOf(...results: SeedResult[]): Tally {
  const tally = new Tally();
  for (const result of results) tally.add(result);
  return tally;
}

const options = { seconds: 2, threads: 2, missing: [], commit: "abc", node: "v24" };

describe("the tally", () => {
  it("does not depend on the order of the results", () => {
    const broken = brokenResult(3, { invariant: "settles", detail: "" });
    const sorted = tallyOf(
      resultOf(1),
      resultOf(2),
      broken,
      brokenResult(4, broken.violations[0]!),
    );
    const mixed = tallyOf(brokenResult(4, broken.violations[0]!), resultOf(2), broken, resultOf(1));
    expect(mixed.hash).toBe(sorted.hash);
    expect(mixed.broken.map(({ seed }) => seed)).toEqual([3, 4]);
    expect(tallyOf(resultOf(1), resultOf(2)).hash).not.toBe(sorted.hash);
  });

  it("notices histories that are the same", () => {
    const tally = tallyOf(resultOf(1), resultOf(2), resultOf(3, { hash: "hash of 1" }));
    expect(tally.distinctHistories).toBe(2);
  });
});

describe("the report", () => {
  it("adds everything up", () => {
    const tally = tallyOf(
      resultOf(1, { steps: 1000, faults: { "call.lost": 2 }, covered: ["visit.bought"] }),
      resultOf(2, { steps: 234, faults: { "call.lost": 1 }, covered: ["visit.bought", "x"] }),
    );
    tally.add(resultOf(3, { linear: { calls: 1000, histories: 7, givenUp: 1 } }));
    tally.add(resultOf(4, { linear: { calls: 5, histories: 2, givenUp: 0 } }));
    const text = renderRun(tally, options);
    expect(text).toMatch(/^linearizable +1,005 calls of items in 9 histories, 1 given up$/m);
    expect(text).toMatch(/^steps +1,234$/m);
    expect(text).toMatch(/^sales finished +4$/m);
    expect(text).toMatch(/^faults +call\.lost 3$/m);
    expect(text).toMatch(/^visits ended +bought 2 /m);
    expect(text).toMatch(/^of +abc, Node v24$/m);
    expect(text).toContain("not judged below 100 seeds");
  });

  it("names what was never exercised in a long run", () => {
    const tally = tallyOf(...Array.from({ length: 100 }, (_, index) => resultOf(index)));
    expect(renderRun(tally, options)).toMatch(/^never exercised +nothing$/m);
    const missing = ["ledger.voided", "claim.lapsed"];
    expect(renderRun(tally, { ...options, missing })).toMatch(/exercised +ledger.voided, claim.l/);
  });
});

describe("a trace", () => {
  it("tells the time since the start of the sale, an event a line", () => {
    const lines = [`${START_MS * 1000 - 1} early`, `${START_MS * 1000 + 1_500_000} a\n  b`];
    expect(readable(lines)).toEqual(["   -0.000001 early", "    1.500000 a | b"]);
  });

  it("ends with the last lines, long ones cut", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `${index} ${"x".repeat(index * 3)}`);
    const trace = shortTrace(lines).split("\n");
    expect(trace).toHaveLength(61);
    expect(trace[0]).toBe("… 40 lines earlier");
    expect(Math.max(...trace.map((line) => line.length))).toBe(160);
    expect(shortTrace(lines.slice(0, 3)).split("\n")).toHaveLength(3);
  });
});
