import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import { SECOND_MS } from "../../test/system/support/samples.ts";
import { countStay, EMPTY_STAYS, forgetStays, stayLength, type Stays } from "./stays.ts";

const exponential = (mean: number, random: () => number): number => -mean * Math.log(1 - random());

/** What is known after `seconds` of 200 who came in together, each staying as `lengthOf` says. */
function after(seconds: number, lengthOf: (index: number) => number) {
  let stays: Stays = EMPTY_STAYS;
  const insideMs: number[] = [];
  for (let index = 0; index < 200; index++) {
    const length = lengthOf(index);
    if (length <= seconds) stays = countStay(stays, length * SECOND_MS);
    else insideMs.push(seconds * SECOND_MS);
  }
  return stayLength(stays, insideMs);
}

describe("how long shoppers stay", () => {
  it.each([
    ["just 20 s, once they have gone", 21, () => 20, 20],
    ["just 300 s", 301, () => 300, 300],
    ["half of them 10 s, half 30 s", 31, (index: number) => (index % 2 === 0 ? 10 : 30), 20],
  ])("is known to be %s", (_, seconds, lengthOf, mean) => {
    const { meanSeconds = 0 } = after(seconds, lengthOf) ?? {};
    expect(meanSeconds).toBeGreaterThan(0.93 * mean);
    expect(meanSeconds).toBeLessThan(1.07 * mean);
  });

  it.each([5, 15, 60])(
    "is not taken for short after %d s, when only the first have gone",
    (seconds) => {
      const random = seededRandom(1);
      const { meanSeconds = 0 } = after(seconds, () => exponential(30, random)) ?? {};
      expect(meanSeconds).toBeGreaterThan(22);
      expect(meanSeconds).toBeLessThan(40);
    },
  );

  it("is told with its spread, and from how many", () => {
    const random = seededRandom(2);
    expect(after(1_000, () => exponential(30, random))).toMatchObject({ known: 200 });
    expect(after(1_000, () => exponential(30, random))?.spread).toBeCloseTo(1, 0);
    expect(after(21, () => 20)?.spread).toBe(0);
  });

  it("is not known from fewer than five, and takes a clock that went back for no time", () => {
    let stays: Stays = EMPTY_STAYS;
    for (let count = 0; count < 4; count++) stays = countStay(stays, 1_000);
    expect(stayLength(stays, [])).toBeNull();
    expect(stayLength(countStay(stays, -5_000), [-1])).not.toBeNull();
  });

  it("is a number also where all were gone in the moment in which they came", () => {
    let stays: Stays = EMPTY_STAYS;
    for (let count = 0; count < 5; count++) stays = countStay(stays, 0);
    expect(stayLength(stays, [])).toMatchObject({ spread: 0, known: 5 });
  });

  it("is forgotten within ten minutes", () => {
    let stays: Stays = EMPTY_STAYS;
    for (let count = 0; count < 10; count++) stays = countStay(stays, 1_000);
    expect(stayLength(forgetStays(stays, 60_000), [])?.known).toBe(9);
    expect(stayLength(forgetStays(stays, 600_000), [])).toBeNull();
  });
});
