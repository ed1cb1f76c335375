import { assert, double, array, property } from "fast-check";
import { describe, expect, it, test } from "vitest";
import { estimate, median, ratios } from "./statistics.ts";

test("the median of an even number is the mean of the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
});

test("ratios are taken within pairs", () => {
  expect(
    ratios([
      [1, 2],
      [9, 3],
    ]),
  ).toEqual([0.5, 3]);
});

describe("the interval", () => {
  // From the table of exact binomial ranks: of n samples the k-th from either end, at 95 percent.
  it.each([
    [5, 1],
    [6, 1],
    [8, 1],
    [9, 2],
    [17, 5],
    [25, 8],
    [30, 10],
    [40, 14],
  ])("of %i samples ends at the %i-th from either end", (count, rank) => {
    const values = Array.from({ length: count }, (_, index) => count - index);
    expect(estimate(values)).toMatchObject({ low: rank, high: count + 1 - rank, samples: count });
  });

  it("holds the median and lies within the samples", () => {
    assert(
      property(
        array(double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (values) => {
          const { high, low, median } = estimate(values);
          expect(low).toBeLessThanOrEqual(median);
          expect(high).toBeGreaterThanOrEqual(median);
          expect(values).toContain(low);
          expect(values).toContain(high);
        },
      ),
    );
  });
});
