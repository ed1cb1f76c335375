import { describe, expect, test } from "vitest";
import { isAtItsLongest, isToBeAsked, renewableInMs, type RenewalFacts } from "./renewal.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const SESSION_MS = 300_000;

function factsOf(leftMs: number, changes: Partial<RenewalFacts> = {}): RenewalFacts {
  return {
    isAllowed: true,
    expiresAtMs: NOW_MS + leftMs,
    sessionMs: SESSION_MS,
    refusedLeftMs: Infinity,
    ...changes,
  };
}

describe("a longer turn may be asked for", () => {
  test.each([
    ["in the second half", factsOf(149_000), 0],
    ["not in the first", factsOf(160_000), 10_500],
    ["not when it is over", factsOf(0), Infinity],
    ["not without a turn", factsOf(0, { expiresAtMs: Number.NaN }), Infinity],
    ["not where turns have one length", factsOf(10_000, { isAllowed: false }), Infinity],
    ["later after a refusal", factsOf(100_000, { refusedLeftMs: 120_000 }), 40_000],
    ["once more then", factsOf(60_000, { refusedLeftMs: 120_000 }), 0],
  ])("%s", (_when, facts, inMs) => {
    expect(renewableInMs(facts, NOW_MS)).toBe(inMs);
  });
});

describe("whether anybody is there", () => {
  test.each([
    ["is asked in the last minute", factsOf(60_000), true],
    ["not before", factsOf(60_001), false],
    ["not before half of a short turn", factsOf(9_600, { sessionMs: 20_000 }), false],
    ["after half of a short turn", factsOf(9_500, { sessionMs: 20_000 }), true],
    ["not when the answer would change nothing", factsOf(20_000, { refusedLeftMs: 50_000 }), false],
    ["again after a refusal long ago", factsOf(60_000, { refusedLeftMs: 130_000 }), true],
    ["not where turns have one length", factsOf(20_000, { isAllowed: false }), false],
  ])("%s", (_when, facts, isAsked) => {
    expect(isToBeAsked(facts, NOW_MS)).toBe(isAsked);
  });

  test("a refusal is told near the end alone", () => {
    expect(isAtItsLongest(factsOf(50_000, { refusedLeftMs: 55_000 }))).toBe(true);
    expect(isAtItsLongest(factsOf(50_000, { refusedLeftMs: 140_000 }))).toBe(false);
    expect(isAtItsLongest(factsOf(50_000))).toBe(false);
  });
});
