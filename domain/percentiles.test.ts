import { expect, it } from "vitest";
import { percentilesOf } from "./percentiles.ts";

it.each([
  [[], null],
  [[7], { p50: 7, p90: 7, p99: 7 }],
  [[2, 1], { p50: 1, p90: 2, p99: 2 }],
  [Array.from({ length: 10 }, (_, at) => 10 - at), { p50: 5, p90: 9, p99: 10 }],
  [Array.from({ length: 200 }, (_, at) => at + 1), { p50: 100, p90: 180, p99: 198 }],
])("of %o", (values, expected) => {
  expect(percentilesOf(values)).toEqual(expected);
});
