import { array, assert, constantFrom, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { control, level, MINUTE_MS, NOON_MS } from "../../test/system/support/samples.ts";
import {
  applySaleCommand,
  isAllHeld,
  isEndingSoon,
  isSoldOut,
  saleState,
  type SaleCommand,
  type SaleControl,
  type SaleState,
  type StockLevel,
} from "./sale.ts";

const STARTS_MS = NOON_MS;
const ENDS_MS = NOON_MS + 60 * MINUTE_MS;
const BEFORE_MS = STARTS_MS - MINUTE_MS;
const DURING_MS = STARTS_MS + MINUTE_MS;
const AFTER_MS = ENDS_MS + MINUTE_MS;

function sale(mode: SaleControl["mode"]): SaleControl {
  return control({ mode, startsAtMs: STARTS_MS, endsAtMs: ENDS_MS, version: 7 });
}

describe("levels", () => {
  it.each<[name: string, levels: StockLevel[], soldOut: boolean, allHeld: boolean]>([
    ["no items", [], false, false],
    ["units are left", [level(3, 1, 1)], false, false],
    ["the last is held", [level(3, 1, 2)], false, true],
    ["all sold", [level(3, 0, 3)], true, false],
    ["no stock at all", [level(0)], true, false],
    ["one item sold, one left", [level(3, 0, 3), level(3, 0, 2)], false, false],
    ["one sold, one all held", [level(3, 0, 3), level(3, 3, 0)], false, true],
    ["both sold", [level(3, 0, 3), level(1, 0, 1)], true, false],
  ])("%s", (_, levels, soldOut, allHeld) => {
    expect(isSoldOut(levels)).toBe(soldOut);
    expect(isAllHeld(levels)).toBe(allHeld);
  });
});

describe("the state of a sale", () => {
  const left = [level(3, 1, 1)];
  const sold = [level(3, 0, 3)];

  it.each<[SaleControl["mode"], atMs: number, StockLevel[], SaleState]>([
    ["draft", BEFORE_MS, left, "draft"],
    ["draft", DURING_MS, left, "draft"],
    ["draft", AFTER_MS, left, "draft"],
    ["open", BEFORE_MS, left, "scheduled"],
    ["open", STARTS_MS - 1, left, "scheduled"],
    ["open", STARTS_MS, left, "active"],
    ["open", ENDS_MS - 1, left, "active"],
    ["open", ENDS_MS, left, "ended"],
    ["open", DURING_MS, sold, "sold_out"],
    ["open", BEFORE_MS, sold, "scheduled"],
    ["open", AFTER_MS, sold, "ended"],
    ["paused", BEFORE_MS, left, "scheduled"],
    ["paused", DURING_MS, left, "paused"],
    ["paused", DURING_MS, sold, "paused"],
    ["paused", ENDS_MS, left, "ended"],
    ["ended", BEFORE_MS, left, "ended"],
    ["ended", DURING_MS, left, "ended"],
  ])("%s at %i", (mode, atMs, levels, state) => {
    expect(saleState(sale(mode), null, levels, atMs)).toBe(state);
  });

  it.each<[prequeueStartsAtMs: number | null, atMs: number, SaleState]>([
    [null, BEFORE_MS, "scheduled"],
    [BEFORE_MS, BEFORE_MS - 1, "scheduled"],
    [BEFORE_MS, BEFORE_MS, "prequeue"],
    [BEFORE_MS, STARTS_MS - 1, "prequeue"],
    [BEFORE_MS, STARTS_MS, "active"],
  ])("early entry from %s, at %i: %s", (prequeueStartsAtMs, atMs, state) => {
    expect(saleState(sale("open"), prequeueStartsAtMs, left, atMs)).toBe(state);
  });

  it("has no early entry while it is a draft", () => {
    expect(saleState(sale("draft"), BEFORE_MS, left, BEFORE_MS)).toBe("draft");
  });
});

describe("ending soon", () => {
  it.each([
    [STARTS_MS, false],
    [ENDS_MS - 5 * MINUTE_MS - 1, false],
    [ENDS_MS - 5 * MINUTE_MS, true],
    [ENDS_MS - 1, true],
    [ENDS_MS, false],
  ])("at %i: %s", (atMs, soon) => {
    expect(isEndingSoon(sale("open"), atMs)).toBe(soon);
  });

  it("is not said before a short sale has started", () => {
    const short = control({ startsAtMs: STARTS_MS, endsAtMs: STARTS_MS + MINUTE_MS });
    expect(isEndingSoon(short, STARTS_MS - 1)).toBe(false);
    expect(isEndingSoon(short, STARTS_MS)).toBe(true);
  });
});

type Effect = Partial<SaleControl> | "same" | "refused";

describe("commands", () => {
  it.each<[SaleControl["mode"], atMs: number, Record<SaleCommand, Effect>]>([
    [
      "draft",
      BEFORE_MS,
      {
        start: { mode: "open", startsAtMs: BEFORE_MS },
        pause: "refused",
        resume: "refused",
        end: { mode: "ended", endsAtMs: BEFORE_MS },
      },
    ],
    [
      "draft",
      DURING_MS,
      {
        start: { mode: "open", startsAtMs: STARTS_MS },
        pause: "refused",
        resume: "refused",
        end: { mode: "ended", endsAtMs: DURING_MS },
      },
    ],
    [
      "open",
      BEFORE_MS,
      {
        start: { mode: "open", startsAtMs: BEFORE_MS },
        pause: { mode: "paused" },
        resume: "same",
        end: { mode: "ended", endsAtMs: BEFORE_MS },
      },
    ],
    [
      "open",
      STARTS_MS,
      {
        start: "same",
        pause: { mode: "paused" },
        resume: "same",
        end: { mode: "ended", endsAtMs: STARTS_MS },
      },
    ],
    [
      "paused",
      BEFORE_MS,
      {
        start: "refused",
        pause: "same",
        resume: { mode: "open" },
        end: { mode: "ended", endsAtMs: BEFORE_MS },
      },
    ],
    [
      "paused",
      DURING_MS,
      {
        start: "refused",
        pause: "same",
        resume: { mode: "open" },
        end: { mode: "ended", endsAtMs: DURING_MS },
      },
    ],
    ["ended", DURING_MS, { start: "refused", pause: "refused", resume: "refused", end: "same" }],
    [
      "draft",
      AFTER_MS,
      { start: "refused", pause: "refused", resume: "refused", end: { mode: "ended" } },
    ],
    ["open", ENDS_MS, { start: "refused", pause: "refused", resume: "refused", end: "same" }],
    ["paused", AFTER_MS, { start: "refused", pause: "refused", resume: "refused", end: "same" }],
  ])("of a sale that is %s, at %i", (mode, atMs, effects) => {
    const before = Object.freeze(sale(mode));
    for (const [command, effect] of Object.entries(effects) as [SaleCommand, Effect][]) {
      const after = applySaleCommand(before, command, atMs);
      if (effect === "refused") expect(after, command).toBeNull();
      else if (effect === "same") expect(after, command).toBe(before);
      else expect(after, command).toEqual({ ...before, version: 8, ...effect });
    }
  });

  const commands: SaleCommand[] = ["start", "pause", "resume", "end"];
  const anyMode = constantFrom<SaleControl["mode"]>("draft", "open", "paused", "ended");
  const anyTime = integer({ min: BEFORE_MS, max: AFTER_MS });

  it("repeated at once change nothing more", () => {
    assert(
      property(anyMode, anyTime, constantFrom(...commands), (mode, atMs, command) => {
        const first = applySaleCommand(sale(mode), command, atMs);
        if (first) expect(applySaleCommand(first, command, atMs)).toBe(first);
      }),
    );
  });

  it("in any sequence do to the mode what the table says, until the time is over", () => {
    type Mode = SaleControl["mode"];
    const becomes: Record<Mode, Partial<Record<SaleCommand, Mode>>> = {
      draft: { start: "open", end: "ended" },
      open: { start: "open", pause: "paused", resume: "open", end: "ended" },
      paused: { pause: "paused", resume: "open", end: "ended" },
      ended: { end: "ended" },
    };
    const states: Record<Mode, SaleState> = {
      draft: "draft",
      open: "active",
      paused: "paused",
      ended: "ended",
    };
    const anyHistory = array(
      tuple(constantFrom(...commands), integer({ min: 0, max: 5 * MINUTE_MS })),
      { maxLength: 20, size: "max" },
    );
    assert(
      property(anyMode, anyHistory, (mode, history) => {
        let current = Object.freeze(sale(mode));
        let expected = mode;
        let nowMs = STARTS_MS;
        for (const [command, afterMs] of history) {
          nowMs += afterMs;
          if (nowMs >= ENDS_MS) return;
          const next = applySaleCommand(current, command, nowMs);
          expect(next !== null, `${command} of a sale that is ${expected}`).toBe(
            command in becomes[expected],
          );
          expected = becomes[expected][command] ?? expected;
          current = Object.freeze(next ?? current);
          expect(current.mode).toBe(expected);
          expect(saleState(current, null, [level(1)], nowMs)).toBe(states[expected]);
        }
      }),
    );
  });

  it("in any sequence never bring an ended sale back, and every change is a newer version", () => {
    const anyHistory = array(
      tuple(constantFrom(...commands), integer({ min: 0, max: 10 * MINUTE_MS })),
      { maxLength: 30, size: "max" },
    );
    assert(
      property(anyMode, anyHistory, (mode, history) => {
        let current = sale(mode);
        let nowMs = BEFORE_MS;
        let hasEnded = false;
        for (const [command, afterMs] of history) {
          nowMs += afterMs;
          hasEnded ||= saleState(current, null, [], nowMs) === "ended";
          const next = applySaleCommand(current, command, nowMs) ?? current;
          if (next !== current) expect(next.version).toBe(current.version + 1);
          if (hasEnded) expect(saleState(next, null, [], nowMs)).toBe("ended");
          if (command === "end") expect(saleState(next, null, [], nowMs)).toBe("ended");
          expect(next.startsAtMs).toBeLessThanOrEqual(STARTS_MS);
          expect(next.endsAtMs).toBeLessThanOrEqual(ENDS_MS);
          current = next;
        }
      }),
    );
  });
});
