import { assert, constantFrom, integer, option, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { control, MINUTE_MS, NOON_MS } from "../../test/system/support/samples.ts";
import { REVOKED_MAX_NUMBERS } from "../queue/settings.ts";
import { saleState, type SaleControl } from "./sale.ts";
import { changeControl, revokeNumber, type SaleChanges } from "./sale-changes.ts";

const STARTS_MS = NOON_MS;
const ENDS_MS = NOON_MS + 60 * MINUTE_MS;
const BEFORE_MS = STARTS_MS - MINUTE_MS;
const DURING_MS = STARTS_MS + MINUTE_MS;
const LATER_MS = STARTS_MS + 30 * MINUTE_MS;
const AFTER_MS = ENDS_MS + MINUTE_MS;

function sale(mode: SaleControl["mode"]): SaleControl {
  return control({ mode, startsAtMs: STARTS_MS, endsAtMs: ENDS_MS, version: 7 });
}

type Effect = Partial<SaleControl> | "same" | [code: string, ...paths: string[]];

describe("changing a sale", () => {
  it.each<[SaleControl["mode"], atMs: number, SaleChanges, Effect]>([
    ["open", BEFORE_MS, {}, "same"],
    ["open", BEFORE_MS, { name: "Another" }, "same"],
    ["open", BEFORE_MS, { startsAtMs: LATER_MS }, { startsAtMs: LATER_MS }],
    ["open", BEFORE_MS, { startsAtMs: BEFORE_MS - 1 }, { startsAtMs: BEFORE_MS - 1 }],
    ["paused", BEFORE_MS, { startsAtMs: LATER_MS }, { startsAtMs: LATER_MS }],
    ["open", BEFORE_MS, { endsAtMs: AFTER_MS }, { endsAtMs: AFTER_MS }],
    ["open", DURING_MS, { endsAtMs: AFTER_MS }, { endsAtMs: AFTER_MS }],
    ["open", DURING_MS, { endsAtMs: DURING_MS + 1 }, { endsAtMs: DURING_MS + 1 }],
    ["open", DURING_MS, { startsAtMs: STARTS_MS, endsAtMs: ENDS_MS, draft: false }, "same"],
    ["ended", AFTER_MS, { startsAtMs: STARTS_MS, endsAtMs: ENDS_MS }, "same"],
    ["draft", BEFORE_MS, { draft: false }, { mode: "open" }],
    ["draft", DURING_MS, { draft: false }, { mode: "open" }],
    ["draft", DURING_MS, { startsAtMs: LATER_MS }, { startsAtMs: LATER_MS }],
    [
      "draft",
      AFTER_MS,
      { startsAtMs: AFTER_MS + 1, endsAtMs: AFTER_MS + 2, draft: false },
      { mode: "open", startsAtMs: AFTER_MS + 1, endsAtMs: AFTER_MS + 2 },
    ],
    ["draft", AFTER_MS, { startsAtMs: STARTS_MS + 1 }, { startsAtMs: STARTS_MS + 1 }],

    ["draft", AFTER_MS, { draft: false }, ["validation_failed", "endsAt"]],
    ["draft", ENDS_MS, { draft: false }, ["validation_failed", "endsAt"]],
    ["open", BEFORE_MS, { startsAtMs: ENDS_MS }, ["validation_failed", "startsAt"]],
    ["open", BEFORE_MS, { endsAtMs: STARTS_MS }, ["validation_failed", "endsAt"]],
    ["open", DURING_MS, { endsAtMs: DURING_MS }, ["validation_failed", "endsAt"]],
    ["open", STARTS_MS, { startsAtMs: LATER_MS }, ["order_state_conflict", "startsAt"]],
    ["paused", DURING_MS, { startsAtMs: LATER_MS }, ["order_state_conflict", "startsAt"]],
    ["open", ENDS_MS, { endsAtMs: AFTER_MS }, ["order_state_conflict", "endsAt"]],
    ["ended", DURING_MS, { endsAtMs: AFTER_MS }, ["order_state_conflict", "endsAt"]],
    [
      "open",
      DURING_MS,
      { startsAtMs: AFTER_MS, endsAtMs: DURING_MS },
      ["order_state_conflict", "startsAt", "endsAt"],
    ],
    [
      "ended",
      DURING_MS,
      { startsAtMs: LATER_MS, endsAtMs: AFTER_MS },
      ["order_state_conflict", "startsAt", "endsAt"],
    ],
  ])("that is %s, at %i: %o", (mode, atMs, changes, effect) => {
    const before = Object.freeze(sale(mode));
    const after = changeControl(before, changes, false, atMs);
    if (effect === "same") expect(after).toBe(before);
    else if (Array.isArray(effect)) {
      const [code, ...paths] = effect;
      if (!("code" in after)) throw new Error("It was accepted.");
      expect([after.code, ...(after.errors ?? []).map(({ path }) => path)]).toEqual([
        code,
        ...paths,
      ]);
    } else expect(after).toEqual({ ...before, version: 8, ...effect });
  });

  it("moves no start at which places were drawn, also when the clock went back", () => {
    const moved = changeControl(sale("open"), { startsAtMs: LATER_MS }, true, BEFORE_MS);
    expect(moved).toMatchObject({ code: "order_state_conflict" });
    const ended = changeControl(sale("open"), { endsAtMs: AFTER_MS }, true, BEFORE_MS);
    expect(ended).toMatchObject({ endsAtMs: AFTER_MS });
  });

  it("leaves a start in front of an end, undoes neither, and is done after one time", () => {
    const time = integer({ min: BEFORE_MS - MINUTE_MS, max: AFTER_MS + MINUTE_MS });
    const given = record({ startsAtMs: option(time), endsAtMs: option(time) });
    const anyMode = constantFrom<SaleControl["mode"]>("draft", "open", "paused", "ended");
    assert(
      property(anyMode, given, time, (mode, { startsAtMs, endsAtMs }, nowMs) => {
        const before = sale(mode);
        const changes = {
          ...(startsAtMs === null ? {} : { startsAtMs }),
          ...(endsAtMs === null ? {} : { endsAtMs }),
        };
        const after = changeControl(before, changes, false, nowMs);
        if ("code" in after) return;
        expect(changeControl(after, changes, false, nowMs)).toBe(after);
        expect(after.startsAtMs).toBeLessThan(after.endsAtMs);
        const [was, is] = [before, after].map((known) => saleState(known, null, [], nowMs));
        if (was === "ended") expect(after).toBe(before);
        else expect(is).not.toBe("ended");
        if (was === "active" || was === "paused") expect(is).toBe(was);
      }),
    );
  });
});

describe("revoking a number", () => {
  it("is done once, and of a bounded list", () => {
    const one = revokeNumber(sale("open"), 5);
    expect(one).toMatchObject({ version: 8, revoked: [5] });
    if ("code" in one) throw new Error("It was refused.");
    expect(revokeNumber(one, 5)).toBe(one);
    const full = { ...one, revoked: Array.from({ length: REVOKED_MAX_NUMBERS }, (_, at) => at) };
    expect(revokeNumber(full, REVOKED_MAX_NUMBERS)).toMatchObject({ code: "validation_failed" });
  });
});
