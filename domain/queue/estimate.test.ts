import { assert, double, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateWait } from "./estimate.ts";

describe("an estimate", () => {
  it.each([
    { ahead: 0, rate: 1, expected: { minSeconds: 0, maxSeconds: 4 } },
    { ahead: 99, rate: 10, expected: { minSeconds: 8, maxSeconds: 14 } },
    { ahead: 599, rate: 10, expected: { minSeconds: 48, maxSeconds: 74 } },
    { ahead: 9, rate: 0.1, expected: { minSeconds: 80, maxSeconds: 122 } },
    { ahead: 0, rate: 0.01, expected: { minSeconds: 80, maxSeconds: 122 } },
  ])("$ahead ahead at $rate a second: $expected", ({ ahead, rate, expected }) => {
    expect(estimateWait(ahead, rate)).toEqual(expected);
  });

  it.each([0, 0.009, -1])("is not made at %d invitations a second", (rate) => {
    expect(estimateWait(10, rate)).toBeNull();
  });

  it("is an interval of whole seconds that holds the steady case and grows with the line", () => {
    const rates = double({ min: 0.01, max: 1_000, noNaN: true });
    assert(
      property(integer({ min: 0, max: 1_000_000 }), rates, (ahead, rate) => {
        const estimate = estimateWait(ahead, rate);
        const behind = estimateWait(ahead + 1, rate);
        if (!estimate || !behind) throw new Error("The line moves: there is an estimate.");
        const steadySeconds = (ahead + 1) / rate;
        expect(Number.isInteger(estimate.minSeconds)).toBe(true);
        expect(Number.isInteger(estimate.maxSeconds)).toBe(true);
        expect(estimate.minSeconds).toBeLessThanOrEqual(steadySeconds);
        expect(estimate.maxSeconds).toBeGreaterThanOrEqual(steadySeconds);
        expect(behind.minSeconds).toBeGreaterThanOrEqual(estimate.minSeconds);
        expect(behind.maxSeconds).toBeGreaterThanOrEqual(estimate.maxSeconds);
      }),
    );
  });
});
