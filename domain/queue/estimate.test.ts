import { assert, double, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateWait } from "./estimate.ts";
import type { Flow } from "./flow.ts";

/** A pace that is set and not measured. */
function set(perSecond: number): Flow {
  return { perSecond, staySeconds: null, spread: 0, known: 0 };
}

/** A pace by the room: ten a second, from a hundred stays of 20 s. */
function measured(changes: Partial<Flow>): Flow {
  return { perSecond: 10, staySeconds: 20, spread: 1, known: 100, ...changes };
}

describe("an estimate", () => {
  it.each([
    { ahead: 0, flow: set(1), expected: { minSeconds: 0, maxSeconds: 5 } },
    { ahead: 99, flow: set(10), expected: { minSeconds: 9, maxSeconds: 14 } },
    { ahead: 599, flow: set(10), expected: { minSeconds: 55, maxSeconds: 68 } },
    { ahead: 0, flow: set(0.01), expected: { minSeconds: 92, maxSeconds: 111 } },
    {
      ahead: 599,
      flow: measured({ spread: 1, known: 400 }),
      expected: { minSeconds: 51, maxSeconds: 72 },
    },
    {
      ahead: 599,
      flow: measured({ spread: 5 }),
      expected: { minSeconds: 30, maxSeconds: 93 },
    },
    // Everyone stays as long: places come in waves of 20 s, and nobody knows when the next one is.
    {
      ahead: 99,
      flow: measured({ spread: 0 }),
      expected: { minSeconds: 0, maxSeconds: 25 },
    },
    {
      ahead: 599,
      flow: measured({ spread: 0 }),
      expected: { minSeconds: 48, maxSeconds: 75 },
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
        const flow = { perSecond, staySeconds: 60, spread, known: 50 };
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

  it("is wider for an uneven line, and for one of which less is known", () => {
    const width = (flow: Flow): number => {
      const estimate = estimateWait(599, flow);
      return estimate ? estimate.maxSeconds - estimate.minSeconds : 0;
    };
    const even = width(measured({ spread: 0.6 }));
    expect(width(measured({ spread: 1 }))).toBeGreaterThan(even);
    const long = width(measured({ known: 400 }));
    expect(width(measured({ known: 20 }))).toBeGreaterThan(long);
  });
});
