import { expect, test } from "vitest";
import {
  formatClock,
  formatEstimate,
  formatMoney,
  formatNumber,
  formatShare,
  percentOff,
  splitTime,
} from "./format.ts";

const euro = (amount: number) => ({ amount, currency: "EUR" });

test.each([
  [euro(49_900), "€499"],
  [euro(1_250), "€12.50"],
  [{ amount: 1_200, currency: "JPY" }, "¥1,200"],
])("money %o reads %s", (money, text) => {
  expect(formatMoney(money)).toBe(text);
});

test("numbers have separators", () => {
  expect(formatNumber(12_345)).toBe("12,345");
});

test.each([
  [0, "0%"],
  [0.1249, "12.5%"],
  [1, "100%"],
])("the share %d reads %s", (share, text) => {
  expect(formatShare(share)).toBe(text);
});

test.each([
  [-5_000, "0:00"],
  [1, "0:01"],
  [65_000, "1:05"],
  [3_600_000, "1:00:00"],
  [90_061_000, "25:01:01"],
])("%d ms on a clock reads %s", (spanMs, text) => {
  expect(formatClock(spanMs)).toBe(text);
});

test("a countdown splits into days, hours, minutes and seconds", () => {
  expect(splitTime(90_061_000)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 1 });
});

test.each([
  [5, 50, "under a minute"],
  [10, 110, "up to 2 minutes"],
  [60, 60, "about 1 minute"],
  [240, 360, "4 to 6 minutes"],
  [7_200, 10_000, "2 to 3 hours"],
])("an estimate of %d to %d s reads %s", (minSeconds, maxSeconds, text) => {
  expect(formatEstimate(minSeconds, maxSeconds)).toBe(text);
});

test("percent off is whole, and never of another currency", () => {
  expect(percentOff(euro(49_900), euro(99_900))).toBe(50);
  expect(percentOff(euro(99_900), euro(99_900))).toBe(0);
  expect(percentOff(euro(1), { amount: 2, currency: "USD" })).toBe(0);
});
