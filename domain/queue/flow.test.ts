import { describe, expect, it } from "vitest";
import { NOON_MS, SECOND_MS } from "../../test/system/support/samples.ts";
import { countClaim, countDeparture, EMPTY_LINE, type LineState } from "./admission.ts";
import { flowOf, measureFlow } from "./flow.ts";

const CLAIMS_PER_SECOND = 100;

/** A full room of `capacity` in which each of `gone` stayed so many seconds, and the others for `inside`. */
function room(capacity: number, gone: number[], insideSeconds = 1): LineState {
  let line: LineState = { ...EMPTY_LINE, isFull: true };
  for (let count = 0; count < capacity + gone.length; count++) line = countClaim(line, NOON_MS);
  for (const seconds of gone) line = countDeparture(line, 1, seconds * SECOND_MS);
  const insideMs = Array.from({ length: capacity }, () => insideSeconds * SECOND_MS);
  return measureFlow(line, insideMs, NOON_MS);
}

describe("the pace of a line", () => {
  it("is the rate that is set while there is room", () => {
    const flow = { perSecond: 100, staySeconds: null, spread: 0, known: 0 };
    expect(flowOf(EMPTY_LINE, CLAIMS_PER_SECOND, 1)).toEqual(flow);
    const roomy = { ...room(50, Array<number>(50).fill(20)), isFull: false };
    expect(flowOf(roomy, CLAIMS_PER_SECOND, 1)).toEqual(flow);
  });

  it("is not known while the room is full and hardly anybody has come out", () => {
    expect(flowOf(room(50, []), CLAIMS_PER_SECOND, 1)).toBeNull();
    expect(flowOf(room(50, [1, 2, 3, 4]), CLAIMS_PER_SECOND, 1)).toBeNull();
  });

  it("is as many as there are inside over how long they stay", () => {
    const flow = flowOf(room(50, Array<number>(50).fill(20)), CLAIMS_PER_SECOND, 1);
    expect(flow?.staySeconds).toBeCloseTo(20, 1);
    expect(flow?.perSecond).toBeCloseTo(2.5, 1);
    expect([flow?.spread, flow?.known]).toEqual([0, 50]);
  });

  it("is faster by numbers where not everybody comes", () => {
    const line = room(50, Array<number>(50).fill(20));
    expect(flowOf(line, CLAIMS_PER_SECOND, 0.5)?.perSecond).toBeCloseTo(5, 1);
    expect(flowOf(EMPTY_LINE, CLAIMS_PER_SECOND, 0.5)?.perSecond).toBe(200);
  });

  it("is never told to be faster than the rate that is set", () => {
    const line = room(50, Array<number>(50).fill(20));
    const set = { perSecond: 1, staySeconds: null, spread: 0, known: 0 };
    expect(flowOf(line, 1, 1)).toEqual(set);
  });
});
