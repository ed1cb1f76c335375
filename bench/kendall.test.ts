import { array, assert, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { type ArrivedPlace, type KendallDistance, kendallDistance } from "./kendall.ts";

type Measure = (places: readonly ArrivedPlace[]) => KendallDistance;

/** Few distinct values, so that equal times and equal numbers come up often. */
const places = array(
  record({ number: integer({ min: 1, max: 30 }), arrivedAtMs: integer({ min: 0, max: 30 }) }),
  { maxLength: 50 },
);

function place(number: number, arrivedAtMs: number): ArrivedPlace {
  return { number, arrivedAtMs };
}

/** Every pair by itself, as the definition says it. */
function byEveryPair(sample: readonly ArrivedPlace[]): KendallDistance {
  let [discordantPairs, comparablePairs] = [0, 0];
  for (const [index, a] of sample.entries()) {
    for (const b of sample.slice(index + 1)) {
      const sign = (a.number - b.number) * (a.arrivedAtMs - b.arrivedAtMs);
      if (sign !== 0) comparablePairs += 1;
      if (sign < 0) discordantPairs += 1;
    }
  }
  const distance = comparablePairs === 0 ? 0 : discordantPairs / comparablePairs;
  return { discordantPairs, comparablePairs, distance };
}

function checkAgainstEveryPair(measure: Measure): void {
  assert(
    property(places, (sample) => {
      expect(measure(sample)).toEqual(byEveryPair(sample));
    }),
  );
}

/** Forgets ties: the order of the list decides who of equal arrivals came first. */
const withoutTies: Measure = (sample) => {
  const spread = sample.map(({ number, arrivedAtMs }, index) => {
    return { number, arrivedAtMs: arrivedAtMs + index / 1000 };
  });
  return kendallDistance(spread);
};

describe("Kendall distance", () => {
  it("is 0 for the exact order, 1 for the reverse, 0 for nobody", () => {
    expect(kendallDistance([place(1, 0), place(2, 1), place(3, 2)]).distance).toBe(0);
    expect(kendallDistance([place(3, 0), place(2, 1), place(1, 2)]).distance).toBe(1);
    expect(kendallDistance([]).distance).toBe(0);
  });

  it("leaves pairs out that arrived in the same millisecond", () => {
    const sample = [place(2, 5), place(1, 5), place(4, 6), place(3, 7)];
    expect(kendallDistance(sample)).toEqual({
      discordantPairs: 1,
      comparablePairs: 5,
      distance: 0.2,
    });
  });

  it("agrees with comparing every pair", () => {
    checkAgainstEveryPair(kendallDistance);
  });

  it("would be found out if it forgot the ties", () => {
    expect(() => checkAgainstEveryPair(withoutTies)).toThrow();
  });
});
