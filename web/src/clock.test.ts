import { expect, test } from "vitest";
import { observeServerTime, serverNowMs } from "./clock.ts";

const at = (timeMs: number): string => new Date(timeMs).toISOString();

/** What the page takes for now, as an offset to its own monotonic time. */
function offsetMs(): number {
  return Math.round(serverNowMs() - performance.now());
}

test("the reading with the shortest round trip wins, until it is old", () => {
  expect(Math.abs(serverNowMs() - Date.now())).toBeLessThan(50);

  observeServerTime("not a time", 0, 10);
  expect(Math.abs(serverNowMs() - Date.now())).toBeLessThan(50);

  observeServerTime(at(1_000_050), 0, 100);
  expect(offsetMs()).toBe(1_000_000);

  observeServerTime(at(2_000_500), 0, 1_000);
  expect(offsetMs()).toBe(1_000_000);

  observeServerTime(at(1_000_060), 90, 110);
  expect(offsetMs()).toBe(999_960);

  observeServerTime(at(3_100_000), 99_000, 101_000);
  expect(offsetMs()).toBe(3_000_000);
});
