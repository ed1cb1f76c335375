import { describe, expect, it, test } from "vitest";
import { FLOOR, type Sample, type Series } from "./measure.ts";
import { readCompareOptions, UsageError } from "./options.ts";
import { renderPlot } from "./plot.ts";
import { type Comparison, renderMarkdown } from "./report.ts";
import { tableOf } from "./results.ts";
import { type Work, workNamed } from "./works.ts";

const WORK = workNamed("purchase");
const SYSTEMS = [
  { name: "bare", about: "the least", durable: "yes: SQLite" },
  { name: "ropeline", about: "the product", durable: "yes: SQLite, grouped" },
].map((system) => Object.assign(system, { works: [WORK.name], start: () => Promise.reject() }));

function series(system: string, rates: readonly number[], breaches: string[] = []): Series {
  const samples = rates.map((perSecond): Sample => {
    const times = { p50Ms: 1, p95Ms: 2, p99Ms: 3, lateMs: 0 };
    const use = { cpuSecondsPer1000: 0.1, memoryBytesPer1000: 1e3, memoryBytes: 2e6 };
    return {
      perSecond,
      workedOffPerSecond: perSecond / 2,
      ...times,
      ...use,
      clientShare: 0.2,
      breaches,
    };
  });
  return { system, samples, paced: [] };
}

function markdownOf(work: Work, ...all: Series[]): string {
  const comparison: Comparison = {
    setting: {
      at: "2026-11-26T00:00:00Z",
      commit: "abc",
      command: "npm run bench",
      cores: 2,
      cpu: "a CPU",
      memoryGb: 24,
      loadAverage: 0.1,
      disk: { folder: "/tmp", type: "ext4", syncMs: 1 },
      versions: { node: "24.0.0" },
    },
    effort: { seconds: 1, pairs: 30 },
    systems: SYSTEMS,
    tables: [tableOf(work, all, SYSTEMS)],
  };
  return renderMarkdown(comparison, "x.svg");
}

test("ratios are those of the turns, not of the medians", () => {
  const all = [series("bare", [100, 1000, 400]), series("ropeline", [80, 500, 240])];
  const row = tableOf(WORK, all, SYSTEMS).rows[1];
  expect(row?.perSecond.median).toBe(240);
  expect(row?.ofCeiling).toMatchObject({ median: 0.6, low: 0.5, high: 0.8 });
});

describe("the report", () => {
  const floor = series(FLOOR, [1000]);

  it("says whether the target is reached, and who is durable", () => {
    const text = markdownOf(WORK, floor, series("bare", [400]), series("ropeline", [300]));
    expect(text).toContain("0.75 (0.75 to 0.75)");
    expect(text).toContain("Target of ropeline: 0.5 of the ceiling. reached.");
    expect(text).toContain(
      "| ropeline | yes: SQLite, grouped | 300 (300 to 300) | 150 (150 to 150) |",
    );
    expect(text).toContain(`| ${FLOOR} | keeps nothing |`);
    expect(markdownOf(WORK, floor, series("bare", [400]), series("ropeline", [100]))).toContain(
      "ceiling. missed.",
    );
  });

  it("has a cell for each column in each row, void or not, whatever the work", () => {
    for (const name of ["purchase", "poll", "join"] as const) {
      const work = workNamed(name);
      const all = [series("bare", [400]), series("ropeline", [300], ["lost"])];
      const text = markdownOf(work, ...all);
      const rows = text.split("\n").filter((line) => line.startsWith("|"));
      expect(rows.length).toBe(4);
      expect(new Set(rows.map((row) => row.split("|").length)).size).toBe(1);
      expect(text.includes("worked off/s")).toBe(!work.again);
    }
  });

  it("prints no figure of a run that lost or oversold", () => {
    const text = markdownOf(
      WORK,
      floor,
      series("bare", [400]),
      series("ropeline", [300], ["11 sold of 10"]),
    );
    expect(text).toContain("void: 11 sold of 10");
    expect(text).not.toContain("300 (");
    expect(text).toContain("Target of ropeline: 0.5 of the ceiling. void.");
  });

  it("voids a table whose ceiling is below its floor", () => {
    const text = markdownOf(WORK, floor, series("bare", [200]), series("ropeline", [190]));
    expect(text).toContain("**Void**: the ceiling reached 0.20 of its trivial route");
    expect(text).toContain("ceiling. void.");
  });

  it("prints no ratio to a ceiling that is void itself", () => {
    const text = markdownOf(
      WORK,
      floor,
      series("bare", [400], ["1 told and not kept: a"]),
      series("ropeline", [300]),
    );
    expect(text).toContain("**Void**: the ceiling's own runs are void");
    expect(text).toContain("ceiling. void.");
  });
});

test("the picture shows void where nothing counts", () => {
  const table = tableOf(WORK, [series("bare", [400]), series("a<b", [9], ["lost"])], SYSTEMS);
  const picture = renderPlot([table]);
  expect(picture).toContain("400/s");
  expect(picture).toContain("a&lt;b");
  expect(picture).toContain(">void</text>");
  expect(picture).not.toContain("9/s");
});

describe("the command line", () => {
  const read = (...args: string[]) => readCompareOptions(args, ["bare", "ropeline"]);

  it("takes works, systems and effort", () => {
    expect(read()?.effort).toEqual({ seconds: 1, pairs: 30 });
    const options = read("--only", "poll,purchase", "--systems", "ropeline", "--pairs", "40");
    expect(options?.works.map(({ name }) => name)).toEqual(["purchase", "poll"]);
    expect(options).toMatchObject({ systems: ["ropeline"], effort: { seconds: 1, pairs: 40 } });
    expect(read("--quick", "--seconds", "2")?.effort).toEqual({ seconds: 2, pairs: 2 });
    expect(read("--help")).toBeNull();
  });

  it.each([
    ["--only", "flying"],
    ["--systems", "shop"],
    ["--pairs", "0"],
    ["--seconds", "1.5"],
    ["--fast"],
  ])("refuses %s %s", (...args) => {
    expect(() => read(...args)).toThrow(UsageError);
  });
});
