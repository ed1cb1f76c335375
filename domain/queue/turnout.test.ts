import { describe, expect, it } from "vitest";
import {
  AGES_MS,
  ageClass,
  chances,
  countCame,
  EMPTY_TURNOUT,
  meanDelayMs,
  observeSilent,
  type Turnout,
} from "./turnout.ts";

const CLAIM_MS = 90_000;

/**
 * What a line sees of a crowd that is invited forty a second for `seconds`: a share comes after `delayMs`, the
 * others never, and lapse.
 */
function seen(seconds: number, share: number, delayMs: number): Turnout {
  const tickMs = 250;
  let turnout = EMPTY_TURNOUT;
  const invitedAtMs: number[] = [];
  for (let nowMs = 0; nowMs < seconds * 1_000; nowMs += tickMs) {
    const silent = AGES_MS.map(() => 0);
    for (const atMs of invitedAtMs) {
      const ageMs = nowMs - atMs;
      if (ageMs >= CLAIM_MS) continue;
      const index = ageClass(ageMs);
      silent[index] = (silent[index] ?? 0) + 10 * (ageMs < delayMs ? 1 : 1 - share);
      if (ageMs === delayMs)
        for (let came = 0; came < 10 * share; came++) turnout = countCame(turnout, ageMs);
    }
    turnout = observeSilent(turnout, silent, tickMs);
    invitedAtMs.push(nowMs);
  }
  return turnout;
}

describe("who comes", () => {
  it("is expected to, before anything is known, and less and less as time goes by", () => {
    const chanceOf = chances(EMPTY_TURNOUT, CLAIM_MS);
    expect(chanceOf[0]).toBeCloseTo(0.999, 2);
    expect(chanceOf[3]).toBeCloseTo(0.5, 1);
    for (const [index, chance] of chanceOf.entries())
      expect(chance).toBeLessThan(index === 0 ? 1 : (chanceOf[index - 1] ?? 0));
  });

  it("is learned within seconds, from those who have not lapsed either", () => {
    const chanceOf = chances(seen(30, 0.6, 500), CLAIM_MS);
    expect(chanceOf[0]).toBeGreaterThan(0.55);
    expect(chanceOf[0]).toBeLessThan(0.8);
    expect(chanceOf[1]).toBeLessThan(0.2);
    expect(chances(seen(5, 0.6, 500), CLAIM_MS)[1]).toBeLessThan(0.6);
  });

  it("may come late, if that is how this crowd comes", () => {
    const prompt = chances(seen(60, 0.8, 500), CLAIM_MS);
    const slow = chances(seen(60, 0.8, 10_000), CLAIM_MS);
    expect(prompt[3]).toBeLessThan(0.1);
    expect(slow[3]).toBeGreaterThan(0.6);
  });

  it("comes before the invitation lapses, or not at all", () => {
    const chanceOf = chances(EMPTY_TURNOUT, 4_000);
    expect(chanceOf.slice(3)).toEqual([0, 0, 0, 0, 0]);
    expect(chanceOf[2]).toBeGreaterThan(0);
  });

  it("is forgotten within minutes", () => {
    let turnout = seen(60, 0.2, 500);
    const before = chances(turnout, CLAIM_MS)[0] ?? 0;
    for (let ticks = 0; ticks < 4 * 600; ticks++)
      turnout = observeSilent(turnout, EMPTY_TURNOUT.came, 250);
    expect(chances(turnout, CLAIM_MS)[0]).toBeGreaterThan(before + 0.2);
  });
});

describe("the classes of age", () => {
  it.each([
    [-1, 0],
    [0, 0],
    [999, 0],
    [1_000, 1],
    [63_999, 6],
    [64_000, 7],
    [1e9, 7],
  ])("%d ms are in class %d", (ageMs, index) => {
    expect(ageClass(ageMs)).toBe(index);
  });
});

it("those who come take as long as they took before", () => {
  expect(meanDelayMs(EMPTY_TURNOUT)).toBe(500);
  let turnout = EMPTY_TURNOUT;
  for (let came = 0; came < 1_000; came++) turnout = countCame(turnout, 3_000);
  expect(meanDelayMs(turnout)).toBeGreaterThan(2_900);
});

describe("a line that counted by fewer classes", () => {
  const none: Turnout = { came: [], waited: [] };

  it("has seen nothing in those that are missing", () => {
    expect(chances(none, CLAIM_MS)).toEqual(chances(EMPTY_TURNOUT, CLAIM_MS));
    expect(meanDelayMs(none)).toBe(meanDelayMs(EMPTY_TURNOUT));
    expect(countCame(none, 0).came).toEqual([1]);
    expect(observeSilent(EMPTY_TURNOUT, [], 250)).toEqual(EMPTY_TURNOUT);
  });
});
