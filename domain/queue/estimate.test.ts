import { assert, double, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateWait } from "./estimate.ts";
import type { Flow } from "./flow.ts";

/** A pace that is set and not measured. */
function set(perSecond: number): Flow {
  return { perSecond, spread: 0, overSeconds: null };
}

describe("an estimate", () => {
  it.each([
    { ahead: 0, flow: set(1), expected: { minSeconds: 0, maxSeconds: 5 } },
    { ahead: 99, flow: set(10), expected: { minSeconds: 9, maxSeconds: 14 } },
    { ahead: 599, flow: set(10), expected: { minSeconds: 55, maxSeconds: 68 } },
    { ahead: 0, flow: set(0.01), expected: { minSeconds: 92, maxSeconds: 111 } },
    {
      ahead: 599,
      flow: { perSecond: 10, spread: 0.2, overSeconds: 60 },
      expected: { minSeconds: 43, maxSeconds: 80 },
    },
    {
      ahead: 599,
      flow: { perSecond: 10, spread: 5, overSeconds: 60 },
      expected: { minSeconds: 30, maxSeconds: 93 },
    },
  ])("$ahead ahead, $flow: $expected", ({ ahead, flow, expected }) => {
    expect(estimateWait(ahead, flow)).toEqual(expected);
  });

  it.each([null, set(0), set(0.009), set(-1)])("is not made of %j", (flow) => {
    expect(estimateWait(10, flow)).toBeNull();
  });

  it("is an interval of whole seconds that holds the steady case and grows with the line", () => {
    const rates = double({ min: 0.01, max: 1_000, noNaN: true });
    const spreads = double({ min: 0, max: 3, noNaN: true });
    assert(
      property(integer({ min: 0, max: 1_000_000 }), rates, spreads, (ahead, perSecond, spread) => {
        const flow = { perSecond, spread, overSeconds: 60 };
        const estimate = estimateWait(ahead, flow);
        const behind = estimateWait(ahead + 1, flow);
        if (!estimate || !behind) throw new Error("The line moves: there is an estimate.");
        const steadySeconds = (ahead + 1) / perSecond;
        expect(Number.isInteger(estimate.minSeconds)).toBe(true);
        expect(Number.isInteger(estimate.maxSeconds)).toBe(true);
        expect(estimate.minSeconds).toBeLessThanOrEqual(steadySeconds);
        expect(estimate.maxSeconds).toBeGreaterThanOrEqual(steadySeconds);
        expect(behind.minSeconds).toBeGreaterThanOrEqual(estimate.minSeconds);
        expect(behind.maxSeconds).toBeGreaterThanOrEqual(estimate.maxSeconds);
      }),
    );
  });

  it("is wider for an uneven line, and for one that was measured for a shorter time", () => {
    const width = (flow: Flow): number => {
      const estimate = estimateWait(599, flow);
      return estimate ? estimate.maxSeconds - estimate.minSeconds : 0;
    };
    const even = width({ perSecond: 10, spread: 0.1, overSeconds: 60 });
    expect(width({ perSecond: 10, spread: 0.3, overSeconds: 60 })).toBeGreaterThan(even);
    const long = width({ perSecond: 10, spread: 0.3, overSeconds: 240 });
    expect(width({ perSecond: 10, spread: 0.3, overSeconds: 20 })).toBeGreaterThan(long);
  });
});
