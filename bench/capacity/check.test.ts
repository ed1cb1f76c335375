import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CapacityCheck, checkFlood, isClose } from "./check.ts";

const SAVED = join(import.meta.dirname, "../reports/capacity-flood.json");

describe("the model against a flood that was counted", () => {
  const saved = JSON.parse(readFileSync(SAVED, "utf8")) as CapacityCheck;
  const { compared } = checkFlood(saved);

  it.each(compared)("$what: $predicted of $counted", (one) => {
    expect(one.counted).toBeGreaterThan(0);
    expect(isClose(one.predicted, one)).toBe(true);
  });
});

it.each([
  [100, 1.1, 1.1, true],
  [109, 1.1, 1.1, true],
  [111, 1.1, 1.1, false],
  [111, 1.1, 2, true],
  [91, 1.1, 1.1, true],
  [90, 1.1, 1.1, false],
  [90, 2, 1.1, true],
  [Number.NaN, 2, 2, false],
])("%d for 100 may be %d times less, %d times more: %s", (predicted, less, more, close) => {
  expect(isClose(predicted, { what: "", counted: 100, less, more })).toBe(close);
});
