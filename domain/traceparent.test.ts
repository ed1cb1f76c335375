import { describe, expect, it } from "vitest";
import { continueTrace } from "./traceparent.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

/** Bytes that count on from 1, so that no two ids are the same. */
function counting(): (length: number) => Uint8Array {
  let drawn = 0;
  return (length) => Uint8Array.from({ length }, () => ++drawn);
}

describe("a trace that comes in", () => {
  it.each([
    ["as the recommendation's example has it", `00-${TRACE}-${PARENT}-01`, "01"],
    ["that is not sampled", `00-${TRACE}-${PARENT}-00`, "00"],
    ["with flags that nobody has defined: they are cleared", `00-${TRACE}-${PARENT}-ff`, "01"],
    ["of a later version", `cc-${TRACE}-${PARENT}-01`, "01"],
    ["of a later version that says more", `cc-${TRACE}-${PARENT}-01-what-the-future-holds`, "01"],
    ["between blanks", `  00-${TRACE}-${PARENT}-01\t`, "01"],
  ])("goes on %s", (_, incoming, flags) => {
    expect(continueTrace(incoming, counting())).toBe(`00-${TRACE}-0102030405060708-${flags}`);
  });

  it.each([
    ["nothing", undefined],
    ["an empty one", ""],
    ["version ff", `ff-${TRACE}-${PARENT}-01`],
    ["a version of one digit", `0-${TRACE}-${PARENT}-01`],
    ["version 00 that says more", `00-${TRACE}-${PARENT}-01-more`],
    ["a later version that goes on without a dash", `cc-${TRACE}-${PARENT}-01.more`],
    ["capital letters", `00-${TRACE.toUpperCase()}-${PARENT}-01`],
    ["a trace of zeros", `00-${"0".repeat(32)}-${PARENT}-01`],
    ["a parent of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["a trace that is short", `00-${TRACE.slice(1)}-${PARENT}-01`],
    ["a parent that is not hex", `00-${TRACE}-${PARENT.slice(1)}g-01`],
    ["flags of one digit", `00-${TRACE}-${PARENT}-1`],
    ["two of them", `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`],
  ])("begins anew with %s", (_, incoming) => {
    expect(continueTrace(incoming, counting())).toBe(
      "00-0102030405060708090a0b0c0d0e0f10-1112131415161718-01",
    );
  });
});
