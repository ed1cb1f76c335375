import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { type Displacements, displacementsOf } from "./displacement.ts";

type Measure = (values: Float64Array) => Displacements;

/** With ties. */
const lists = array(integer({ min: 0, max: 25 }), { maxLength: 40 });

/** For each: who deserves to stand before them, who before or with them, and whose place it is. */
function byEveryPair(values: readonly number[]): Displacements {
  const below = (value: number) => values.filter((other) => other < value).length;
  const upTo = (value: number) => values.filter((other) => other <= value).length;
  const apart = values.map((value, rank) => {
    const owner = values.find((other) => below(other) <= rank && upTo(other) > rank);
    return Math.abs((owner ?? 0) - value);
  });
  const places = values.map((value, rank) =>
    rank < below(value) ? below(value) - rank : Math.max(0, rank - upTo(value) + 1),
  );
  return { places: Uint32Array.from(places), values: Float64Array.from(apart) };
}

function checkAgainstEveryPair(measure: Measure): void {
  assert(
    property(lists, (values) => {
      expect(measure(Float64Array.from(values))).toEqual(byEveryPair(values));
    }),
  );
}

/** Takes the first place of a tie for the only one that its members deserve. */
const withoutTies: Measure = (values) => {
  const places = values.map((value, rank) => Math.abs(values.toSorted().indexOf(value) - rank));
  return { ...displacementsOf(values), places: Uint32Array.from(places) };
};

describe("displacement", () => {
  it("says how far everyone is from the place that their value deserves", () => {
    expect(displacementsOf(Float64Array.of(30, 10, 20))).toEqual({
      places: Uint32Array.of(2, 1, 1),
      values: Float64Array.of(20, 10, 10),
    });
  });

  it("displaces nobody inside a tie", () => {
    const { places, values } = displacementsOf(Float64Array.of(4, 4, 4));
    expect([...places, ...values]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("agrees with comparing every pair", () => {
    checkAgainstEveryPair(displacementsOf);
  });

  it("would be found out if it forgot the ties", () => {
    expect(() => checkAgainstEveryPair(withoutTies)).toThrow();
  });
});
