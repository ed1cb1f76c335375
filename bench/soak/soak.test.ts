import { describe, expect, it } from "vitest";
import { parseOptions, UsageError } from "../options.ts";
import { SOAK_FALLBACKS, SOAK_OPTIONS, soakPlanOf } from "./plan.ts";
import { parseProcesses } from "./process-memory.ts";
import { flatSeriesOf, WindowMeter } from "./series.ts";
import { trendOf } from "./trend.ts";

function planOf(...args: string[]) {
  const options = parseOptions(args, SOAK_FALLBACKS, SOAK_OPTIONS);
  if (options === null) throw new Error("Nobody asked for help.");
  return soakPlanOf(options);
}

describe("the plan of a soak", () => {
  it("lets as many in as come, behind a short line, and adds what they buy", () => {
    const { minutes, numbers, restockUnits, run, warmUpMinutes } = planOf("--minutes=30");
    expect([minutes, warmUpMinutes, restockUnits]).toEqual([30, 10, 150]);
    expect(run.sale).toMatchObject({ newUsersPerMinute: 150, stock: 450 });
    expect(run.crowd.arrivals.map(({ shoppers }) => shoppers)).toEqual([50, 4500]);
    expect(numbers["max-minutes"]).toBe(40);
  });

  it("takes a whole number of minutes", () => {
    expect(() => planOf("--minutes=0")).toThrow(UsageError);
  });
});

describe("what is measured in a soak", () => {
  it("is the memory of the processes of one group", () => {
    const text = [
      "  7     8  2048 /bin/workerd serve --binary",
      "  7     9  1024 node server.ts",
      "  6    10  4096 workerd serve",
    ].join("\n");
    expect(parseProcesses(text, 7)).toEqual([
      { pid: 8, rssMb: 2, command: "/bin/workerd serve --binary" },
      { pid: 9, rssMb: 1, command: "node server.ts" },
    ]);
  });

  it("is how long answers took, minute by minute from the start", () => {
    const meter = new WindowMeter();
    meter.record("join", 9, 201, 500);
    meter.start(1_000);
    for (const [elapsedMs, atMs] of [
      [10, 1_000],
      [30, 60_999],
      [50, 61_000],
    ] as const)
      meter.record("join", elapsedMs, 201, atMs);
    expect(meter.answered).toBe(4);
    expect(meter.minutes(9).map(({ calls, p99Ms }) => [calls, Math.round(p99Ms)])).toEqual([
      [2, 30],
      [1, 50],
    ]);
    expect(meter.windows(1).map(({ calls }) => calls)).toEqual([1, 0, 0, 0, 0, 1]);
  });
});

describe("the verdict on a soak", () => {
  /** Ten minutes of samples: what grows is named, by so much a minute. */
  function verdict(growth: { workerdMb?: number; p50Ms?: number }): Record<string, boolean> {
    const minutes = Array.from({ length: 10 }, (_, minute) => minute);
    const memory = minutes.map((minute) => {
      const workerdMb = 300 + (growth.workerdMb ?? 0) * minute;
      return { minute, workerdMb, hostMb: 200, handles: null, d1Mb: minute, objectsMb: minute };
    });
    const latency = minutes.map((minute) => {
      return { minute, calls: 1_000, p50Ms: 10 + (growth.p50Ms ?? 0) * minute, p99Ms: 90 };
    });
    const trends = flatSeriesOf(memory, latency).map((series) => trendOf(series, 3));
    return Object.fromEntries(trends.map(({ isFlat, what }) => [what, isFlat]));
  }

  it("is good where nothing grows; files of a sale do", () => {
    expect(Object.values(verdict({}))).toEqual([true, true, true, true]);
  });

  it("refuses memory that grows, and answers that take longer and longer", () => {
    expect(verdict({ workerdMb: 8 })).toMatchObject({
      "memory of workerd": false,
      "memory of its host": true,
    });
    expect(verdict({ p50Ms: 2 })).toMatchObject({
      "half of the answers": false,
      "99 of 100 answers": true,
    });
  });
});
