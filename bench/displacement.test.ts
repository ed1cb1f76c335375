import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { type Displacement, displacements } from "./displacement.ts";
import type { ArrivedPlace } from "./kendall.ts";

type Measure = (places: readonly ArrivedPlace[]) => Displacement[];

/** Arrivals with ties; the numbers are unique and have gaps. */
const places = array(integer({ min: 0, max: 25 }), { maxLength: 40 }).map((arrivals) =>
  arrivals.map((arrivedAtMs, index): ArrivedPlace => ({ number: 3 * index + 1, arrivedAtMs })),
);

/** For each place: who stands before it, who came before or with it, and whose place it is. */
function byEveryPair(sample: readonly ArrivedPlace[]): Displacement[] {
  const byNumber = sample.toSorted((a, b) => a.number - b.number);
  return byNumber.map(({ arrivedAtMs }, rank) => {
    const earlier = sample.filter((other) => other.arrivedAtMs < arrivedAtMs).length;
    const notLater = sample.filter((other) => other.arrivedAtMs <= arrivedAtMs).length;
    const owner = sample.find(
      ({ arrivedAtMs: at }) =>
        sample.filter((other) => other.arrivedAtMs < at).length <= rank &&
        sample.filter((other) => other.arrivedAtMs <= at).length > rank,
    );
    return {
      places: rank < earlier ? earlier - rank : Math.max(0, rank - notLater + 1),
      ms: Math.abs((owner?.arrivedAtMs ?? 0) - arrivedAtMs),
    };
  });
}

function checkAgainstEveryPair(measure: Measure): void {
  assert(
    property(places, (sample) => {
      expect(measure(sample)).toEqual(byEveryPair(sample));
    }),
  );
}

/** Takes the first place of a tie for the only one that its shoppers deserve. */
const withoutTies: Measure = (sample) => {
  const arrivals = sample.map((place) => place.arrivedAtMs).toSorted((a, b) => a - b);
  return displacements(sample).map(({ ms }, rank) => {
    const arrivedAtMs = sample.toSorted((a, b) => a.number - b.number)[rank]?.arrivedAtMs ?? 0;
    return { ms, places: Math.abs(arrivals.indexOf(arrivedAtMs) - rank) };
  });
};

describe("displacement", () => {
  it("says how far a late number is from the place its arrival deserves", () => {
    const sample = [
      { number: 1, arrivedAtMs: 30 },
      { number: 2, arrivedAtMs: 10 },
      { number: 3, arrivedAtMs: 20 },
    ];
    expect(displacements(sample)).toEqual([
      { places: 2, ms: 20 },
      { places: 1, ms: 10 },
      { places: 1, ms: 10 },
    ]);
  });

  it("displaces nobody inside a tie", () => {
    const sample = [7, 3, 5].map((number) => ({ number, arrivedAtMs: 4 }));
    expect(displacements(sample).every(({ places, ms }) => places === 0 && ms === 0)).toBe(true);
  });

  it("agrees with comparing every pair", () => {
    checkAgainstEveryPair(displacements);
  });

  it("would be found out if it forgot the ties", () => {
    expect(() => checkAgainstEveryPair(withoutTies)).toThrow();
  });
});
