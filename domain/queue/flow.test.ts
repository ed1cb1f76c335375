import { describe, expect, it } from "vitest";
import { NOON_MS, SECOND_MS } from "../../test/system/support/samples.ts";
import { EMPTY_LINE, type LineState } from "./admission.ts";
import { FLOW_PERIOD_MS, flowOf, observeFlow } from "./flow.ts";

const FULL = { inside: 50, isFull: true };
const SET_PER_SECOND = 100;

/** A full room in which so many places came back in each period. */
function lineAfter(...freed: number[]): { line: LineState; nowMs: number } {
  let line: LineState = { ...EMPTY_LINE, ...FULL, lastNumber: 1e6, cursor: 50 };
  let nowMs = NOON_MS;
  line = { ...line, flow: observeFlow(line, nowMs) };
  for (const count of freed) {
    nowMs += FLOW_PERIOD_MS;
    line = { ...line, cursor: line.cursor + count };
    line = { ...line, flow: observeFlow(line, nowMs) };
  }
  return { line, nowMs };
}

describe("the pace of a line", () => {
  it("is the rate that is set while there is room", () => {
    const line = { ...EMPTY_LINE, inside: 49 };
    expect(flowOf(line, SET_PER_SECOND, NOON_MS)).toEqual({
      perSecond: 100,
      spread: 0,
      overSeconds: null,
    });
  });

  it("is not known while the room is full and nobody has come out", () => {
    const { line, nowMs } = lineAfter();
    expect(flowOf(line, SET_PER_SECOND, nowMs)).toBeNull();
    expect(flowOf(line, SET_PER_SECOND, nowMs + 60 * SECOND_MS)).toBeNull();
    expect(flowOf({ ...EMPTY_LINE, ...FULL }, SET_PER_SECOND, nowMs)).toBeNull();
  });

  it("is what comes back, once the room is full: the first filling does not count", () => {
    const { line, nowMs } = lineAfter(30, 30, 30, 30);
    expect(flowOf(line, SET_PER_SECOND, nowMs)).toEqual({
      perSecond: 2,
      spread: 0,
      overSeconds: 60,
    });
  });

  it("knows how uneven it is, and takes a short measurement for uneven", () => {
    const { line, nowMs } = lineAfter(20, 40, 20, 40);
    const flow = flowOf(line, SET_PER_SECOND, nowMs);
    expect(flow?.perSecond).toBe(2);
    expect(flow?.spread).toBeCloseTo(Math.sqrt(400 / 3) / 30);
    const short = lineAfter(30, 30);
    expect(flowOf(short.line, SET_PER_SECOND, short.nowMs)).toMatchObject({ spread: 0.5 });
  });

  it("is never told to be faster than the rate that is set", () => {
    const { line, nowMs } = lineAfter(30, 30, 30, 30);
    expect(flowOf(line, 1, nowMs)).toEqual({ perSecond: 1, spread: 0, overSeconds: null });
  });

  it("is measured over the last minutes, from a bounded number of samples", () => {
    const { line, nowMs } = lineAfter(...Array.from({ length: 100 }, () => 150), 30, 30);
    expect(line.flow).toHaveLength(16);
    expect(flowOf(line, SET_PER_SECOND, nowMs)?.overSeconds).toBe(
      (15 * FLOW_PERIOD_MS) / SECOND_MS,
    );
  });

  it("is looked at once a period", () => {
    const { line, nowMs } = lineAfter(30);
    expect(observeFlow(line, nowMs + FLOW_PERIOD_MS - 1)).toBe(line.flow);
    expect(observeFlow(line, nowMs + FLOW_PERIOD_MS)).toHaveLength(3);
  });
});
