import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTime, parseTime } from "./time.ts";

describe("time", () => {
  it.each([
    ["2026-11-21T12:00:00Z", Date.UTC(2026, 10, 21, 12)],
    ["2026-11-21T12:00:00.250Z", Date.UTC(2026, 10, 21, 12, 0, 0, 250)],
    ["2026-11-21T13:00:00+01:00", Date.UTC(2026, 10, 21, 12)],
    ["2026-11-21T06:30:00-05:30", Date.UTC(2026, 10, 21, 12)],
    ["1970-01-01T00:00:00Z", 0],
  ])("%s is a time", (text, atMs) => {
    expect(parseTime(text)).toBe(atMs);
  });

  it.each([
    "",
    "noon",
    "2026-13-01T00:00:00Z",
    "2026-11-21T25:00:00Z",
    "2026-11-21T12:60:00Z",
    "2026-11-21T12:00:00Zulu",
    "12:00:00Z",
    "2026-11-21",
    "2026-11-21T12:00:00",
    "2026-11-21 12:00:00Z",
    "Nov 21 2026 12:00 UTC",
    "2026",
    "drop 5",
  ])("%j is none", (text) => {
    expect(parseTime(text)).toBeNull();
  });

  it("writes UTC with milliseconds, and reads what it wrote", () => {
    expect(formatTime(Date.UTC(2026, 10, 21, 12))).toBe("2026-11-21T12:00:00.000Z");
    assert(
      property(integer({ min: 0, max: Date.UTC(2100, 0) }), (atMs) => {
        expect(parseTime(formatTime(atMs))).toBe(atMs);
      }),
    );
  });
});
