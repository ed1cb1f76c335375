import {
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  property,
  record,
  tuple,
} from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applySaleCommand,
  saleState,
  type SaleCommand,
  type SaleControl,
} from "../purchase/sale.ts";
import { changeControl } from "../purchase/sale-changes.ts";
import { judgedAtMs, nextTurnAtMs, turnsDue, type SaleTurns } from "./turns.ts";

const NONE: SaleTurns = { startedAtMs: null, endedAtMs: null };
const STARTED: SaleTurns = { startedAtMs: 100, endedAtMs: null };
const BOTH: SaleTurns = { startedAtMs: 100, endedAtMs: 200 };

function control(mode: SaleControl["mode"]): SaleControl {
  return { mode, startsAtMs: 100, endsAtMs: 200, version: 1 };
}

describe("the turns of a sale's life", () => {
  it.each<[SaleControl["mode"], SaleTurns, number, string[], number | null]>([
    ["open", NONE, 99, [], 100],
    ["open", NONE, 100, ["started"], 100],
    ["paused", NONE, 100, ["started"], 100],
    ["open", STARTED, 199, [], 200],
    ["open", STARTED, 200, ["ended"], 200],
    ["open", NONE, 200, ["started", "ended"], 100],
    ["open", BOTH, 300, [], null],
    ["draft", NONE, 300, [], null],
    ["ended", NONE, 50, ["ended"], null],
    ["ended", NONE, 150, ["ended"], null],
    ["ended", STARTED, 150, ["ended"], null],
    ["ended", BOTH, 300, [], null],
  ])(
    "of a sale that is %s, with %j written, at %i: %j, next at %s",
    (mode, turns, nowMs, due, next) => {
      expect(turnsDue(control(mode), turns, nowMs)).toEqual(due);
      expect(nextTurnAtMs(control(mode), turns)).toBe(next);
    },
  );

  it.each<[SaleTurns, number, number]>([
    [NONE, 50, 50],
    [STARTED, 50, 100],
    [STARTED, 150, 150],
    [BOTH, 150, 200],
    [BOTH, 250, 250],
  ])("%j stay come by a clock that says %i: it is judged by %i", (turns, nowMs, judged) => {
    expect(judgedAtMs(control("open"), turns, nowMs)).toBe(judged);
  });

  it("come once, in order, and never against what staff did after them, by any clock", () => {
    const step = oneof(
      record({ command: constantFrom<SaleCommand>("start", "pause", "resume", "end") }),
      record({ startsAtMs: integer({ min: 0, max: 300 }) }),
      record({ endsAtMs: integer({ min: 0, max: 300 }) }),
      record({ draft: constant(false as const) }),
      constant({}),
    );
    // Clocks go back, too.
    const steps = array(tuple(step, integer({ min: -60, max: 150 })), { maxLength: 20 });
    assert(
      property(boolean(), steps, (isDraft, steps) => {
        let sale = control(isDraft ? "draft" : "open");
        const turns: SaleTurns = { ...NONE };
        let nowMs = 0;
        const written: string[] = [];
        const turn = (): void => {
          for (const due of turnsDue(sale, turns, nowMs)) {
            written.push(due);
            turns[`${due}AtMs`] = nowMs;
          }
        };
        for (const [action, byMs] of steps) {
          nowMs += byMs;
          turn();
          const atMs = judgedAtMs(sale, turns, nowMs);
          const next =
            "command" in action
              ? applySaleCommand(sale, action.command, atMs)
              : changeControl(sale, action, false, atMs);
          if (next && !("code" in next)) sale = next;
          turn();
          const state = saleState(sale, null, [], judgedAtMs(sale, turns, nowMs));
          expect(turns.endedAtMs !== null).toBe(state === "ended");
          if (state === "active" || state === "paused") expect(turns.startedAtMs).not.toBeNull();
          if (state === "scheduled" || state === "draft") expect(turns.startedAtMs).toBeNull();
        }
        expect(["", "started", "ended", "started,ended"]).toContain(written.join());
      }),
    );
  });
});
