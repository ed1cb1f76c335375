import { describe, expect, it } from "vitest";
import { fallbacksFor, killsOf, soldAtKill } from "./kill-plan.ts";
import { UsageError } from "./options.ts";

describe("a flood whose server is killed", () => {
  it("kills once in the middle, or many times that are spread over the sale", () => {
    expect(soldAtKill(1, 1, 300)).toBeCloseTo(120);
    const sold = [1, 2, 3, 4, 5].map((nth) => soldAtKill(nth, 5, 300));
    expect(sold.map(Math.round)).toEqual([24, 72, 120, 168, 216]);
  });

  it("is slow enough that every life of the server sells something, and bounded all the same", () => {
    expect(fallbacksFor(50, null)).toMatchObject({ rate: 120, seconds: 75, "max-minutes": 13 });
    expect(fallbacksFor(1, 300).rate).toBeUndefined();
  });

  it("takes a whole number of kills", () => {
    expect(killsOf({ texts: {} })).toBe(1);
    expect(killsOf({ texts: { kills: "50" } })).toBe(50);
    expect(() => killsOf({ texts: { kills: "0" } })).toThrow(UsageError);
  });
});
