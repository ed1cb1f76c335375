import { describe, expect, it } from "vitest";
import { flatten, writeCsv } from "./csv.ts";

describe("records", () => {
  it.each([
    [[], ""],
    [[[""]], "\r\n"],
    [[["a", "b"]], "a,b\r\n"],
    [[["a"], ["b"]], "a\r\nb\r\n"],
    [[["a,b", "c"]], '"a,b",c\r\n'],
    [[['say "no"', " "]], '"say ""no""", \r\n'],
    [[["two\nlines", "and\r\nmore"]], '"two\nlines","and\r\nmore"\r\n'],
    [[["ä€", "-1"]], "ä€,-1\r\n"],
  ])("%j", (records, text) => {
    expect(writeCsv(records)).toBe(text);
  });
});

describe("an answer", () => {
  it.each([
    [{}, []],
    [{ a: 1, b: "x", c: true }, ["a 1", "b x", "c true"]],
    [{ a: null, b: undefined, c: 0.5 }, ["a ", "c 0.5"]],
    [{ a: { b: { c: 1 }, d: 2 } }, ["a.b.c 1", "a.d 2"]],
    [{ a: [{ b: 1 }, { b: 2 }], c: [] }, ["a.0.b 1", "a.1.b 2"]],
  ])("%j", (answer, lines) => {
    expect(flatten(answer).map((record) => record.join(" "))).toEqual(lines);
  });
});
