import { describe, expect, it } from "vitest";
import { NOON_MS } from "../../test/system/support/samples.ts";
import { recover, slowDown, type Pace } from "./pace.ts";

const SET = 16;

function pace(perSecond: number, halvedAtMs = NOON_MS): Pace {
  return { perSecond, halvedAtMs };
}

describe("slow commits", () => {
  it.each([
    ["halve what goes in", null, 10, 5],
    ["halve the rate where nothing is measured", null, 0, 8],
    ["halve the rate where more goes in for a moment", null, 40, 8],
    ["halve it again, whatever is measured", pace(6, NOON_MS - 2_000), 10, 3],
    ["leave a rest", pace(0.4, NOON_MS - 2_000), 10, 0.25],
  ])("%s", (_, before, measuredPerSecond, perSecond) => {
    expect(slowDown(before, { setPerSecond: SET, measuredPerSecond }, NOON_MS)).toEqual(
      pace(perSecond),
    );
  });

  it("count once where several reports tell of them", () => {
    const before = pace(8, NOON_MS - 1_999);
    expect(slowDown(before, { setPerSecond: SET, measuredPerSecond: 8 }, NOON_MS)).toBe(before);
  });
});

describe("without trouble the rate comes back", () => {
  it.each([
    ["a twentieth of what is set a second", pace(4, NOON_MS - 2_000), 1_000, 4.8],
    ["not right after it was halved", pace(4, NOON_MS - 1_999), 1_000, 4],
    ["and is free again when it is all there", pace(15.5, NOON_MS - 2_000), 1_000, null],
    ["and nothing changes where nothing was held back", null, 1_000, null],
  ])("%s", (_, before, dtMs, perSecond) => {
    expect(recover(before, SET, dtMs, NOON_MS)?.perSecond ?? null).toBe(perSecond);
  });
});
