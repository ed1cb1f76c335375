import { describe, expect, it } from "vitest";
import { parseOptions, UsageError } from "./options.ts";
import {
  greatestCapacity,
  parseTrace,
  planOfTrace,
  readTrace,
  scaleTrace,
  traceNames,
} from "./trace.ts";
import { traceOf } from "./trace-options.ts";

const SMALL = {
  description: "a small one",
  line: { stock: 10, capacity: 5, newUsersPerMinute: 600 },
  arrivals: [{ seconds: 2, shoppers: 20 }],
};

const TEXTS = { trace: "", scale: "", window: "", "lane-delay": "" };

function parsed(more: object = {}) {
  return parseTrace("small", JSON.stringify({ ...SMALL, ...more }));
}

function commandLine(...args: string[]) {
  const options = parseOptions(args, {}, TEXTS);
  if (options === null) throw new Error("help was not asked for");
  return options;
}

describe("a trace", () => {
  it("is read from every file that comes along", async () => {
    const names = await traceNames();
    expect(names).toEqual(
      expect.arrayContaining(["bots", "burst", "calls-lost", "early-crowd", "rate-change"]),
    );
    for (const name of names) expect((await readTrace(name)).name).toBe(name);
  });

  it("has the flood's defaults for what is left out", () => {
    const { line, shoppers, bots, calls, events } = parsed();
    expect(shoppers.socketPercent).toBe(50);
    expect(line).toMatchObject({ reorderWindowMs: 250, claimSeconds: 90, lanes: 8 });
    expect(shoppers).toMatchObject({ tokensFirst: true, closeTabPercent: 0, thinkMs: 1000 });
    expect({ bots: bots.percent, calls, events }).toEqual({ bots: 0, calls: null, events: [] });
  });

  it.each([
    [{ line: { ...SMALL.line, capacity: 0 } }, "line.capacity: "],
    [{ line: { ...SMALL.line, colour: 1 } }, "line: Unrecognized key"],
    [{ arrivals: [] }, "arrivals: "],
    [{ arrivals: [{ seconds: 1, shoppers: 2.5 }] }, "arrivals.0.shoppers: "],
    [{ shoppers: { socketPercent: -1 } }, "shoppers.socketPercent: "],
    [{ shoppers: { closeTabPercent: 101 } }, "shoppers.closeTabPercent: "],
    [{ events: [{ do: "explode", afterSeconds: 1 }] }, "events.0.do: "],
    [{ events: [{ do: "restart" }] }, "events.0: needs either afterSeconds or afterSoldPercent"],
    [{ shoppers: { payments: { declined: 1 } } }, "shoppers.payments"],
    [{ shoppers: { payments: { decline: 60, timeout: 50 } } }, "shoppers.payments: are more than"],
    [{ speed: 2 }, 'the trace: Unrecognized key: "speed"'],
  ])("that says %j is refused by the field's name", (more, sentence) => {
    expect(() => parsed(more)).toThrow(UsageError);
    expect(() => parsed(more)).toThrow(sentence);
  });

  it("that is not JSON, or not there, is refused with what there is", async () => {
    expect(() => parseTrace("small", "{")).toThrow("trace small is not JSON");
    await expect(readTrace("nothing")).rejects.toThrow(/no such file; there are .*burst/);
  });

  it("is scaled in everything that counts shoppers, and in nothing else", () => {
    const events = [
      { do: "restart", afterSoldPercent: 40 },
      { do: "change-line", afterSeconds: 3, capacity: 50, sessionSeconds: 9 },
    ];
    const trace = scaleTrace(parsed({ events }), 0.1);
    expect(trace.line).toMatchObject({ stock: 1, capacity: 1, newUsersPerMinute: 60, lanes: 8 });
    expect(trace.arrivals).toEqual([{ afterSeconds: 0, seconds: 2, shoppers: 2 }]);
    expect(trace.events).toEqual([events[0], { ...events[1], capacity: 5 }]);
    expect(greatestCapacity(trace)).toBe(5);
    expect(scaleTrace(parsed(), 0.0001).line.stock).toBe(1);
  });

  it("becomes a sale and a crowd", () => {
    const { sale, crowd, faults } = planOfTrace(
      parsed({ shoppers: { serviceSeconds: 5 }, calls: { doublePercent: 1, losePercent: 2 } }),
    );
    expect(sale).toMatchObject({ stock: 10, sessionDurationSeconds: 300, startsInSeconds: 0 });
    expect(crowd).toMatchObject({ serviceMs: 5000, bots: { percent: 0 } });
    expect(faults).toEqual({ doublePercent: 1, losePercent: 2 });
  });
});

describe("a trace on the command line", () => {
  it("takes a scale and another window", async () => {
    const trace = await traceOf(commandLine("--scale", "0.05", "--window=0"), "burst");
    expect(trace.arrivals[0]?.shoppers).toBe(1000);
    expect(trace.line.reorderWindowMs).toBe(0);
  });

  it.each([
    [["--scale", "0"], "--scale must be greater than 0"],
    [["--scale", "much"], "--scale must be a number from 0 to 100"],
    [["--window", "501"], "--window must be a number from 0 to 500"],
    [["--stock", "5"], "--stock does not go with --trace"],
  ])("refuses %j", async (args, sentence) => {
    await expect(traceOf(commandLine(...args), "burst")).rejects.toThrow(sentence);
  });
});
