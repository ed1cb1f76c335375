import { describe, expect, it } from "vitest";
import { EMPTY_LINE, TICK_MS, type LineState } from "../domain/queue/admission.ts";
import type { LineRecord } from "./sequencer-store.ts";
import { wakePlan } from "./wake-plan.ts";

const START_MS = 1_000_000;
const IDLE_MS = 1_000;

/** When the next tick of a sale comes that began a while ago. */
function tickMs(line: Partial<LineState>, open = true): number | null {
  const control = { mode: "scheduled", startsAtMs: START_MS, endsAtMs: START_MS + 3_600_000 };
  const record = { control, line: { ...EMPTY_LINE, ...line }, turns: { startedAtMs: START_MS } };
  return wakePlan(record as unknown as LineRecord, open, START_MS + 60_000).tickMs;
}

describe("ticks of a line", () => {
  it.each([
    ["nobody is there", {}, null],
    ["somebody waits", { lastNumber: 3, cursor: 2 }, TICK_MS],
    ["somebody is invited", { lastNumber: 3, cursor: 3, openInvitations: 1 }, TICK_MS],
    ["people are inside, and nobody waits", { lastNumber: 3, cursor: 3, inside: 2 }, IDLE_MS],
    ["people are inside, and somebody waits", { lastNumber: 3, cursor: 2, inside: 2 }, TICK_MS],
  ])("where %s", (_, line, expected) => {
    expect(tickMs(line)).toBe(expected);
  });

  it("are seldom where nobody may come in", () => {
    expect(tickMs({ lastNumber: 3, cursor: 2 }, false)).toBe(IDLE_MS);
  });
});
