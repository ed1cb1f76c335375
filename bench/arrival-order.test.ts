import { array, assert, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { countCertainInversions, peakOverlap, type TimedPlace } from "./arrival-order.ts";

/** Few distinct values, so that equal times and equal numbers come up often. */
const places = array(
  record({
    number: integer({ min: 1, max: 40 }),
    firstSentAtMs: integer({ min: 0, max: 60 }),
    tookMs: integer({ min: 0, max: 20 }),
  }).map(({ number, firstSentAtMs, tookMs }): TimedPlace => {
    return { number, firstSentAtMs, answeredAtMs: firstSentAtMs + tookMs };
  }),
  { maxLength: 60 },
);

function place(number: number, firstSentAtMs: number, answeredAtMs: number): TimedPlace {
  return { number, firstSentAtMs, answeredAtMs };
}

describe("certain inversions", () => {
  it("counts a pair only when one was answered before the other was sent", () => {
    expect(countCertainInversions([place(2, 0, 10), place(1, 11, 20)])).toBe(1);
    expect(countCertainInversions([place(2, 0, 10), place(1, 10, 20)])).toBe(0);
    expect(countCertainInversions([place(1, 0, 10), place(2, 11, 20)])).toBe(0);
  });

  it("agrees with comparing every pair", () => {
    assert(
      property(places, (sample) => {
        const pairs = sample.flatMap((a) =>
          sample.filter((b) => a.answeredAtMs < b.firstSentAtMs && a.number > b.number),
        );
        expect(countCertainInversions(sample)).toBe(pairs.length);
      }),
    );
  });
});

describe("peak overlap", () => {
  it("takes the end of an interval as outside of it", () => {
    const intervals = [
      { fromMs: 0, untilMs: 10 },
      { fromMs: 5, untilMs: 10 },
      { fromMs: 10, untilMs: 20 },
    ];
    expect(peakOverlap(intervals)).toBe(2);
    expect(peakOverlap([])).toBe(0);
  });
});
