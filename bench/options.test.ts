import { describe, expect, it } from "vitest";
import { parseOptions, usage, UsageError } from "./options.ts";

const TEXTS = { url: "system to flood" };

describe("the command line", () => {
  it("has a default for every number, which a driver may replace", () => {
    const options = parseOptions([], { shoppers: 2000 }, TEXTS);
    expect(options?.numbers).toMatchObject({ shoppers: 2000, stock: 500, capacity: 400 });
    expect(options?.texts).toEqual({});
  });

  it("has a thousand sockets at most, and fewer the longer people arrive, unless they are asked for", () => {
    const sockets = (...args: string[]) => parseOptions(args, {}, TEXTS)?.numbers.sockets;
    expect(sockets("--shoppers", "1000")).toBe(50);
    expect(sockets("--shoppers", "20000")).toBe(5);
    expect(sockets("--shoppers", "100000")).toBe(0.2);
    expect(sockets("--shoppers", "20000", "--seconds", "200")).toBe(0.5);
    expect(sockets("--shoppers", "100000", "--sockets", "50")).toBe(50);
  });

  it("takes numbers and texts", () => {
    const args = ["--retry", "20", "--url", "http://127.0.0.1:1", "--double-click=0"];
    const options = parseOptions(args, {}, TEXTS);
    expect(options?.numbers).toMatchObject({ retry: 20, "double-click": 0 });
    expect(options?.texts).toEqual({ url: "http://127.0.0.1:1" });
  });

  it.each([
    [["--shoppers", "0"], "--shoppers must be a whole number from 1 to 1000000"],
    [["--retry", "101"], "--retry must be a whole number from 0 to 100"],
    [["--stock", "many"], "--stock must be a whole number"],
    [["--stock", "1.5"], "--stock must be a whole number"],
    [["--stock", ""], "--stock must be a whole number"],
    [["--unknown"], "--unknown"],
    [["stray"], "stray"],
  ])("refuses %j with a sentence", (args, sentence) => {
    expect(() => parseOptions(args, {}, TEXTS)).toThrow(UsageError);
    expect(() => parseOptions(args, {}, TEXTS)).toThrow(sentence);
  });

  it("lists every option when help is asked for", () => {
    expect(parseOptions(["--help"], {}, TEXTS)).toBeNull();
    const text = usage("flood", { shoppers: 7 }, TEXTS);
    expect(text).toContain("independent shoppers (7)");
    expect(text).toContain("--url");
  });
});
