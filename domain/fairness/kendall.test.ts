import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { type KendallDistance, kendallDistance } from "./kendall.ts";

type Measure = (values: Float64Array) => KendallDistance;

/** Few distinct values, so that equal ones come up often. */
const lists = array(integer({ min: 0, max: 30 }), { maxLength: 50 });

/** Every pair by itself, as the definition says it. */
function byEveryPair(values: readonly number[]): KendallDistance {
  let [discordant, pairs] = [0, 0];
  for (const [index, a] of values.entries()) {
    for (const b of values.slice(index + 1)) {
      if (a !== b) pairs += 1;
      if (a > b) discordant += 1;
    }
  }
  return { discordant, pairs, tau: pairs === 0 ? 0 : discordant / pairs };
}

function checkAgainstEveryPair(measure: Measure): void {
  assert(
    property(lists, (values) => {
      expect(measure(Float64Array.from(values))).toEqual(byEveryPair(values));
    }),
  );
}

/** Forgets ties: where somebody stands decides who of equal ones came first. */
const withoutTies: Measure = (values) =>
  kendallDistance(values.map((value, index) => value + index / 1000));

describe("Kendall distance", () => {
  it.each([
    ["the exact order", [1, 2, 3], 0],
    ["the reverse", [3, 2, 1], 1],
    ["nobody", [], 0],
  ])("of %s", (_what, values, tau) => {
    expect(kendallDistance(Float64Array.from(values)).tau).toBe(tau);
  });

  it("leaves pairs out that are equal", () => {
    const values = Float64Array.of(5, 5, 7, 6);
    expect(kendallDistance(values)).toEqual({ discordant: 1, pairs: 5, tau: 0.2 });
  });

  it("agrees with comparing every pair", () => {
    checkAgainstEveryPair(kendallDistance);
  });

  it("would be found out if it forgot the ties", () => {
    expect(() => checkAgainstEveryPair(withoutTies)).toThrow();
  });
});
