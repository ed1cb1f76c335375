import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applySaleCommand, saleState, type SaleControl } from "../purchase/sale.ts";
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

  it("come once, in order, and never against what staff did after them, by any clock", () => {
    const step = fc.oneof(
      fc.record({ command: fc.constantFrom("start", "pause", "resume", "end") }),
      fc.record({ startsAtMs: fc.integer({ min: 0, max: 300 }) }),
      fc.record({ endsAtMs: fc.integer({ min: 0, max: 300 }) }),
      fc.record({ draft: fc.constant(false as const) }),
      fc.constant({}),
    );
    // Clocks go back, too.
    const steps = fc.array(fc.tuple(step, fc.integer({ min: -20, max: 60 })), { maxLength: 20 });
    fc.assert(
      fc.property(fc.boolean(), steps, (isDraft, steps) => {
        let sale = control(isDraft ? "draft" : "open");
        let turns = NONE;
        let nowMs = 0;
        const written: string[] = [];
        const turn = (): void => {
          for (const due of turnsDue(sale, turns, nowMs)) {
            written.push(due);
            turns = { ...turns, [`${due}AtMs`]: nowMs };
          }
        };
        for (const [action, byMs] of steps) {
          nowMs += byMs;
          turn();
          const atMs = judgedAtMs(sale, turns, nowMs);
          const next =
            "command" in action
              ? applySaleCommand(sale, action.command as "start", atMs)
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
