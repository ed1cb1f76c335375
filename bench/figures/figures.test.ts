import { describe, expect, it } from "vitest";
import { UsageError } from "../options.ts";
import { figuresUsage, parseFiguresOptions } from "./options.ts";
import { atMost, none, promisesAreKept, renderRows, shown } from "./row.ts";

const PARTS = ["burst", "drain", "sockets"];

describe("the command line of the figures", () => {
  it("has defaults, and all parts", () => {
    expect(parseFiguresOptions([], PARTS)).toMatchObject({
      numbers: { runs: 5, sockets: 5000, joins: 1500, "join-seconds": 10 },
      parts: PARTS,
    });
    expect(parseFiguresOptions(["--help"], PARTS)).toBeNull();
    expect(figuresUsage(PARTS)).toContain("burst,drain,sockets");
  });

  it("takes some parts, in the order of all, and other numbers", () => {
    const args = ["--only", "sockets,burst", "--runs", "3", "--scale", "0.5"];
    expect(parseFiguresOptions(args, PARTS)).toMatchObject({
      numbers: { runs: 3 },
      scales: { scale: 0.5 },
      parts: ["burst", "sockets"],
    });
  });

  it.each([
    [["--only", "drains"], 'there is no part "drains"; there are burst, drain, sockets'],
    [["--runs", "0"], "--runs must be a whole number from 1 to 25"],
    [["--scale", "0"], "--scale must be a number above 0, at most 10"],
    [["--sockets", "20001"], "--sockets must be a whole number from 1 to 20000"],
    [["--speed", "1"], "Unknown option '--speed'"],
  ])("refuses %j", (args, sentence) => {
    expect(() => parseFiguresOptions(args, PARTS)).toThrow(UsageError);
    expect(() => parseFiguresOptions(args, PARTS)).toThrow(sentence);
  });
});

describe("the rows of the figures", () => {
  const render = (value: number): string => `${value} ms`;

  it("say what was measured, what it should be, and whether it is", () => {
    const rows = [
      atMost("join", 5, 10, render),
      atMost("poll", 11, 10, render),
      shown("size", "3"),
    ];
    const lines = renderRows([{ part: "burst", loadBefore: 0.75, rows }]).split("\n");
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["part", "load", "figure", "measured", "target", "met"],
      ["burst", "0.8", "join", "5 ms", "at most 10 ms", "yes"],
      ["burst", "0.8", "poll", "11 ms", "at most 10 ms", "NO"],
      ["burst", "0.8", "size", "3"],
    ]);
  });

  it("fail for a broken promise, not for a missed target", () => {
    const part = { part: "burst", loadBefore: 0 };
    const missed = atMost("poll", 11, 10, render);
    expect(
      promisesAreKept([{ ...part, rows: [missed, shown("size", "3"), none("lost", 0)] }]),
    ).toBe(true);
    expect(promisesAreKept([{ ...part, rows: [none("lost", 1)] }])).toBe(false);
  });
});
