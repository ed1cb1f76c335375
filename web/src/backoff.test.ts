import { expect, test } from "vitest";
import { backoffMs, spreadMs } from "./backoff.ts";

test("waits double up to a ceiling, each spread over the upper half of its window", () => {
  expect([1, 2, 3, 4].map((failures) => backoffMs(failures, 1))).toEqual([
    1_000, 2_000, 4_000, 8_000,
  ]);
  expect(backoffMs(1, 0)).toBe(500);
  expect(backoffMs(1_000_000, 1)).toBe(20_000);
  expect(backoffMs(0, 1)).toBe(1_000);
});

test("a told delay is never shortened, and lengthened by at most a fifth", () => {
  expect(spreadMs(5_000, 0)).toBe(5_000);
  expect(spreadMs(5_000, 1)).toBe(6_000);
});
