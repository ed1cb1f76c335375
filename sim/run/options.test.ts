import { describe, expect, it } from "vitest";
import { UsageError } from "../../bench/options.ts";
import { parseCommand, usageOf, type Option } from "./options.ts";

const TABLE = {
  seeds: { bounds: [1, 100], help: "how many" },
  from: { bounds: [0, 100], help: "the first" },
  only: { valueName: "TEXT", help: "which" },
  trace: { help: "writes a file" },
} as const satisfies Record<string, Option>;

describe("a command line", () => {
  it("gives numbers, texts and flags", () => {
    const given = parseCommand(["--seeds", "7", "--trace", "--only=a b"], TABLE);
    expect(given.numbers).toEqual({ seeds: 7 });
    expect(given.texts).toEqual({ only: "a b" });
    expect([...given.flags]).toEqual(["trace"]);
    expect(parseCommand([], TABLE).numbers).toEqual({});
    expect(parseCommand(["--help"], TABLE).flags.has("help")).toBe(true);
  });

  it.each([
    [["--seeds", "0"], "--seeds must be a whole number from 1 to 100"],
    [["--seeds", "1.5"], "--seeds must be a whole number"],
    [["--from", ""], "--from must be a whole number"],
    [["--seeds"], "--seeds"],
    [["--unknown"], "--unknown"],
    [["stray"], "stray"],
  ])("refuses %j with a sentence", (args, sentence) => {
    expect(() => parseCommand(args, TABLE)).toThrow(UsageError);
    expect(() => parseCommand(args, TABLE)).toThrow(sentence);
  });

  it("explains every option", () => {
    const text = usageOf("npm run sim --", TABLE);
    for (const part of ["--seeds N", "--only TEXT", "--trace", "--help", "how many"])
      expect(text).toContain(part);
  });
});
