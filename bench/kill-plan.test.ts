import { describe, expect, it } from "vitest";
import { fallbacksFor, killsOf, rateFor, soldAtKill } from "./kill-plan.ts";
import { UsageError } from "./options.ts";

describe("a flood whose server is killed", () => {
  it("kills once in the middle, or many times that are spread over the sale", () => {
    expect(soldAtKill(1, 1, 300)).toBeCloseTo(120);
    const sold = [1, 2, 3, 4, 5].map((nth) => soldAtKill(nth, 5, 300));
    expect(sold.map(Math.round)).toEqual([24, 72, 120, 168, 216]);
  });

  it("is slow enough that every life of the server sells something, and bounded all the same", () => {
    expect(fallbacksFor(50, null)).toMatchObject({
      rate: 19,
      capacity: 12,
      seconds: 75,
      "max-minutes": 100,
    });
    expect(fallbacksFor(1, 300).rate).toBeUndefined();
  });

  it("slows the line down where the server takes long to come back", () => {
    expect(rateFor(240, 50, 3)).toBe(48);
    expect(rateFor(120, 25, 9)).toBe(24);
    expect(rateFor(-5, 0, 9)).toBe(1);
  });

  it("takes a whole number of kills", () => {
    expect(killsOf({ texts: {} })).toBe(1);
    expect(killsOf({ texts: { kills: "50" } })).toBe(50);
    expect(() => killsOf({ texts: { kills: "0" } })).toThrow(UsageError);
  });
});
