import { assert, integer, property, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTime, parseTime } from "./time.ts";

describe("time", () => {
  it.each([
    ["2026-11-21T12:00:00Z", Date.UTC(2026, 10, 21, 12)],
    ["2026-11-21T12:00:00.250Z", Date.UTC(2026, 10, 21, 12, 0, 0, 250)],
    ["2026-11-21T13:00:00+01:00", Date.UTC(2026, 10, 21, 12)],
    ["2026-11-21T06:30:00-05:30", Date.UTC(2026, 10, 21, 12)],
    ["1970-01-01T00:00:00Z", 0],
    ["2028-02-29T23:59:59Z", Date.UTC(2028, 1, 29, 23, 59, 59)],
    ["9999-12-31T23:59:59Z", Date.UTC(9999, 11, 31, 23, 59, 59)],
  ])("%s is a time", (text, atMs) => {
    expect(parseTime(text)).toBe(atMs);
  });

  it.each([
    "",
    "noon",
    "2026-13-01T00:00:00Z",
    "2026-02-29T12:00:00Z",
    "2026-04-31T12:00:00Z",
    "2026-11-21T24:00:00Z",
    "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59-01:00",
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

  it("is the same moment on every clock of the world, and to the millisecond", () => {
    const anySecond = integer({ min: 0, max: Date.UTC(2100, 0) / 1000 });
    const anyOffsetMinutes = integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
    assert(
      property(
        anySecond,
        anyOffsetMinutes,
        stringMatching(/^\d{1,9}$/),
        (second, ahead, digits) => {
          const local = formatTime((second + ahead * 60) * 1000).slice(0, 19);
          const hours = String(Math.trunc(Math.abs(ahead) / 60)).padStart(2, "0");
          const minutes = String(Math.abs(ahead) % 60).padStart(2, "0");
          const text = `${local}.${digits}${ahead < 0 ? "-" : "+"}${hours}:${minutes}`;
          const ms = Number(digits.padEnd(3, "0").slice(0, 3));
          expect(parseTime(text), text).toBe(second * 1000 + ms);
        },
      ),
    );
  });
});
