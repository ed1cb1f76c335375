import { array, assert, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { countAdmissionInversions, type GrantedPlace } from "./admission-order.ts";

type Count = (places: readonly GrantedPlace[]) => number;

const places = array(
  record({
    number: integer({ min: 1, max: 30 }),
    askKnownAtMs: integer({ min: 0, max: 40 }),
    grantedAtMs: integer({ min: 0, max: 40 }),
  }),
  { maxLength: 40 },
);

function place(number: number, askKnownAtMs: number, grantedAtMs: number): GrantedPlace {
  return { number, askKnownAtMs, grantedAtMs };
}

function checkAgainstEveryPair(count: Count): void {
  assert(
    property(places, (sample) => {
      const pairs = sample.flatMap((a) =>
        sample.filter(
          (b) =>
            a.number < b.number && a.askKnownAtMs < b.grantedAtMs && b.grantedAtMs < a.grantedAtMs,
        ),
      );
      expect(count(sample)).toBe(pairs.length);
    }),
  );
}

/** Takes a grant of the same instant for one that came too late. */
const withoutTies: Count = (sample) =>
  countAdmissionInversions(
    sample.map((granted) => ({
      ...granted,
      grantedAtMs: granted.grantedAtMs - granted.number / 100,
    })),
  );

describe("admission inversions", () => {
  it("counts who was let in past someone who was known to ask", () => {
    expect(countAdmissionInversions([place(1, 10, 30), place(2, 15, 20)])).toBe(1);
  });

  it("does not count who asked late, or was granted at the same instant", () => {
    expect(countAdmissionInversions([place(1, 25, 30), place(2, 15, 20)])).toBe(0);
    expect(countAdmissionInversions([place(1, 10, 20), place(2, 10, 20)])).toBe(0);
    expect(countAdmissionInversions([place(2, 10, 30), place(1, 15, 20)])).toBe(0);
  });

  it("agrees with comparing every pair", () => {
    checkAgainstEveryPair(countAdmissionInversions);
  });

  it("would be found out if it took equal instants for different ones", () => {
    expect(() => checkAgainstEveryPair(withoutTies)).toThrow();
  });
});
