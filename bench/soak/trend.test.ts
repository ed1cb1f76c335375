import { describe, expect, it } from "vitest";
import { seededRandom } from "../../domain/random.ts";
import { medianOf, slopeOf, trendOf } from "./trend.ts";

const random = seededRandom(1, 0);

/** Half an hour of samples, one in ten seconds, with noise of 5 around them and a spike now and then. */
function series(valueAt: (minute: number) => number) {
  return Array.from({ length: 180 }, (_, index) => {
    const minute = index / 6;
    const spike = index % 20 === 7 ? 200 : 0;
    return { minute, value: valueAt(minute) + (random() - 0.5) * 10 + spike };
  });
}

const judged = (valueAt: (minute: number) => number) =>
  trendOf(
    { what: "memory", unit: "MB", samples: series(valueAt), riseMaxPercent: 10, riseMax: 1 },
    10,
  );

describe("a series that is to be flat", () => {
  it("is, where it only wavers", () => {
    expect(judged(() => 300)).toMatchObject({ samples: 120, isFlat: true });
    expect(judged((minute) => 300 - minute)).toMatchObject({ isFlat: true });
  });

  it("may grow while it warms up", () => {
    expect(judged((minute) => 100 + Math.min(minute, 10) * 20)).toMatchObject({ isFlat: true });
  });

  it("is refused where it grows on", () => {
    const leak = judged((minute) => 300 + 2 * minute);
    expect(leak.isFlat).toBe(false);
    expect(leak.perHour).toBeGreaterThan(110);
    expect(leak.perHour).toBeLessThan(130);
    expect(leak.bound).toBeCloseTo(34, 0);
  });

  it("is refused where it was hardly measured", () => {
    const samples = series(() => 300).slice(0, 4);
    const one = { what: "memory", unit: "MB", samples, riseMaxPercent: 10, riseMax: 1 };
    expect(trendOf(one, 0).isFlat).toBe(false);
  });
});

describe("the slope", () => {
  it("is the line's, whatever a quarter of the samples says", () => {
    const samples = Array.from({ length: 20 }, (_, minute) => {
      return { minute, value: minute % 4 === 3 ? 10_000 : 7 + 3 * minute };
    });
    expect(slopeOf(samples)).toBeCloseTo(3, 0);
    expect(slopeOf([])).toBe(0);
  });

  it("rests on medians", () => {
    expect([medianOf([]), medianOf([3, 1, 2]), medianOf([4, 1, 2, 3])]).toEqual([0, 2, 2.5]);
  });
});
