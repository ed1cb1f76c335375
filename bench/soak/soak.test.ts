import { describe, expect, it } from "vitest";
import { parseOptions, UsageError } from "../options.ts";
import type { Handles } from "./handles.ts";
import { rateFor, SOAK_FALLBACKS, SOAK_OPTIONS, soakPlanOf } from "./plan.ts";
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
    const { lineLength, minutes, numbers, restockUnits, run, warmUpMinutes } =
      planOf("--minutes=30");
    expect([minutes, warmUpMinutes, restockUnits, lineLength]).toEqual([30, 10, 150, 50]);
    expect(run.sale).toMatchObject({ newUsersPerMinute: 150, stock: 450 });
    expect(run.crowd.arrivals.map(({ shoppers }) => shoppers)).toEqual([50, 4500]);
    expect(numbers["max-minutes"]).toBe(40);
  });

  it("keeps the line as long as it was, though fewer are let in than the rate allows", () => {
    const plan = planOf("--minutes=30");
    expect([50, 57, 40, 0].map((waiting) => rateFor(plan, waiting))).toEqual([150, 157, 140, 100]);
    expect(rateFor({ comeEachMinute: 5, lineLength: 50 }, 0)).toBe(1);
    let waiting = 50;
    for (let minute = 1; minute <= 30; minute += 1)
      waiting += 150 - Math.floor((rateFor(plan, waiting) * 60) / 61);
    expect(waiting).toBeLessThan(55);
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
  /** By how much a figure grows in a minute. */
  type Growth = Partial<Handles> & { workerdMb?: number; p50Ms?: number; waiting?: number };

  const FLAT_HANDLES: Handles = { connections: 100, deserted: 0, files: 170, others: 20 };

  /** Twenty minutes of samples: what grows is named. Which series are flat. */
  function verdict(growth: Growth, tells = true): Record<string, boolean> {
    const minutes = Array.from({ length: 20 }, (_, minute) => minute);
    const after = (start: number, name: keyof Growth, minute: number): number =>
      start + (growth[name] ?? 0) * minute;
    const memory = minutes.map((minute) => {
      const handles = Object.fromEntries(
        Object.entries(FLAT_HANDLES).map(([kind, count]) => [
          kind,
          after(count, kind as keyof Handles, minute),
        ]),
      ) as unknown as Handles;
      return {
        minute,
        workerdMb: after(300, "workerdMb", minute),
        hostMb: 200,
        handles: tells ? handles : null,
        waiting: after(50, "waiting", minute),
        d1Mb: minute,
        objectsMb: minute,
      };
    });
    const latency = minutes.map((minute) => {
      return { minute, calls: 1_000, p50Ms: after(10, "p50Ms", minute), p99Ms: 90 };
    });
    const trends = flatSeriesOf(memory, latency).map((series) => trendOf(series, 3));
    return Object.fromEntries(trends.map(({ isFlat, what }) => [what, isFlat]));
  }
  const refused = (growth: Growth): string[] =>
    Object.entries(verdict(growth)).flatMap(([what, isFlat]) => (isFlat ? [] : [what]));

  it("is good where nothing grows; files of a sale do, and not every system tells of handles", () => {
    expect(refused({})).toEqual([]);
    expect(Object.values(verdict({}))).toHaveLength(10);
    expect(Object.values(verdict({}, false))).toHaveLength(5);
  });

  it.each<[Growth, string[]]>([
    [{ workerdMb: 8 }, ["memory of workerd"]],
    [{ p50Ms: 2 }, ["half of the answers"]],
    [{ waiting: 1 }, ["shoppers in line"]],
    [{ connections: 2 }, ["open handles: connections"]],
    [{ connections: 4 }, ["open handles", "open handles: connections"]],
    [{ deserted: 0.5 }, ["open handles: deserted"]],
    [{ files: 3 }, ["open handles: files"]],
    [{ others: 0.5 }, ["open handles: others"]],
    [{ connections: 1.5, files: 1.5, deserted: 0.25, others: 0.25 }, ["open handles"]],
  ])("refuses %o each minute", (growth, what) => {
    expect(refused(growth)).toEqual(what);
  });
});
