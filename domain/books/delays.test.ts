import { describe, expect, it } from "vitest";
import { Delays } from "./delays.ts";

describe("delays", () => {
  it("are nothing before the first", () => {
    expect(new Delays().figures()).toEqual({ events: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });

  it.each([0, 1, 2, 17, 250, 1_999, 60_000, 3_600_000, 1e12])(
    "of %s ms are told a fifth too long at most",
    (delayMs) => {
      const delays = new Delays();
      for (let times = 0; times < 3; times++) delays.add(delayMs);
      delays.add(2 * delayMs);
      const { p50Ms, maxMs } = delays.figures();
      expect(maxMs).toBe(2 * delayMs);
      expect(p50Ms).toBeGreaterThanOrEqual(Math.min(delayMs, 2 ** 27));
      expect(p50Ms).toBeLessThanOrEqual(1.2 * delayMs + 1);
    },
  );

  it("are told apart: one in a hundred is not the other ninety-nine", () => {
    const delays = new Delays();
    for (let times = 0; times < 99; times++) delays.add(100);
    delays.add(9_000);
    expect(delays.figures()).toMatchObject({ events: 100, maxMs: 9_000 });
    expect(delays.figures().p99Ms).toBeLessThan(120);
    delays.add(9_000);
    expect(delays.figures().p99Ms).toBe(9_000);
  });

  it("of a clock that was set back are none", () => {
    const delays = new Delays();
    delays.add(-5);
    expect(delays.figures()).toEqual({ events: 1, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });
});
