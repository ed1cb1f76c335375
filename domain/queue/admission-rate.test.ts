import { array, assert, constantFrom, integer, property, record, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { NOON_MS } from "../../test/system/support/samples.ts";
import * as admission from "./admission.ts";
import { EMPTY_LINE, TICK_MS, type LineState, type OpenInvitations } from "./admission.ts";
import { AGES_MS } from "./turnout.ts";

/* The rate of a line in which everybody comes at once: over any minute, any ticks, any clock. */

const NOBODY: OpenInvitations = { asking: 0, silent: AGES_MS.map(() => 0) };
/** What bounds nothing but the rate. */
const WIDE = {
  totalActiveUsers: 1e9,
  available: 1e9,
  numbered: 1e6,
  claimMs: 90_000,
  open: true,
};

/** Cheaper than `expect` in the many checks below. */
function must(condition: boolean, promise: string): void {
  if (!condition) throw new Error(`Broken: ${promise}`);
}

describe("claims in any 60 seconds", () => {
  it("never exceed the rate, wherever in their second they fall, and wait a second longer at most", () => {
    const anyGap = tuple(integer({ min: 0, max: 70_000 }), constantFrom(3, 10, 20));
    const anyGaps = array(anyGap, { minLength: 2, maxLength: 20, size: "max" });
    assert(
      property(anyGaps, integer({ min: 0, max: 999 }), (gaps, offsetMs) => {
        const inputs = { ...WIDE, newUsersPerMinute: 10 };
        const grantedAtMs: number[] = [];
        let line: LineState = { ...EMPTY_LINE, openInvitations: 1e6 };
        let nowMs = NOON_MS + offsetMs;
        for (const [gapMs, ask] of gaps) {
          nowMs += gapMs;
          const stillCounted = grantedAtMs.filter((atMs) => atMs > nowMs - 61_000);
          const free = admission.grantable(line, inputs, nowMs);
          expect(free).toBeGreaterThanOrEqual(10 - stillCounted.length);
          for (let asked = 0; asked < ask; asked++) {
            if (admission.grantable(line, inputs, nowMs) === 0) break;
            line = admission.countClaim(line, nowMs);
            grantedAtMs.push(nowMs);
          }
          const lastMinute = grantedAtMs.filter((atMs) => atMs > nowMs - 60_000);
          expect(lastMinute.length).toBeLessThanOrEqual(10);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a line that always waits", () => {
  it("is served at the set rate, within a tick, however unevenly the ticks come", () => {
    const anyTicks = array(integer({ min: 1, max: 2 * TICK_MS }), {
      minLength: 300,
      maxLength: 300,
      size: "max",
    });
    assert(
      property(anyTicks, integer({ min: 1, max: 6_000 }), (gapsMs, newUsersPerMinute) => {
        const inputs = { ...WIDE, newUsersPerMinute };
        let line: LineState = { ...EMPTY_LINE, lastNumber: 1e6, lastTickAtMs: NOON_MS };
        let nowMs = NOON_MS;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          line = admission.tick(line, inputs, NOBODY, nowMs);
        }
        const due = (newUsersPerMinute / 60_000) * (nowMs - NOON_MS);
        expect(line.cursor).toBeLessThanOrEqual(due + 1e-6);
        expect(line.cursor).toBeGreaterThan(due - 1 - 1e-6);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a clock that goes back", () => {
  const wide = { ...WIDE, newUsersPerMinute: 10 };

  it("neither stops the line nor hurries it: a tick counts the time since the last, if any", () => {
    const anyGaps = array(integer({ min: -5_000, max: 5_000 }), {
      minLength: 50,
      maxLength: 100,
      size: "max",
    });
    assert(
      property(anyGaps, integer({ min: 1, max: 6_000 }), (gapsMs, newUsersPerMinute) => {
        let line: LineState = { ...EMPTY_LINE, lastNumber: 1e6, lastTickAtMs: NOON_MS };
        let nowMs = NOON_MS;
        let due = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          due += (newUsersPerMinute / 60_000) * Math.min(Math.max(gapMs, 0), 2 * TICK_MS);
          const after = admission.tick(line, { ...wide, newUsersPerMinute }, NOBODY, nowMs);
          must(after.cursor >= line.cursor, "the cursor never goes back");
          must(after.cursor <= due + 1e-6, "no tick invites more than its time");
          must(after.cursor > due - 1 - 1e-6, "no time is lost beside the step itself");
          must(after.carry >= 0 && after.carry < 1, "less than one invitation is carried over");
          line = after;
        }
      }),
    );
  });

  it("grants no more claims in any 60 seconds, and a minute after the last one all again", () => {
    const anyStep = record({
      passMs: integer({ min: 0, max: 40_000 }),
      backMs: constantFrom(0, 0, 0, 1, 999, 1_000, 30_000, 3_600_000),
      ask: constantFrom(1, 3, 10),
    });
    const anySteps = array(anyStep, { minLength: 2, maxLength: 20, size: "max" });
    assert(
      property(anySteps, integer({ min: 0, max: 999 }), (steps, offsetMs) => {
        let line: LineState = { ...EMPTY_LINE, openInvitations: 1e6 };
        let passedMs = 0;
        let nowMs = NOON_MS + offsetMs;
        let latestMs = nowMs;
        const grantedAtMs: number[] = [];
        for (const { passMs, backMs, ask } of steps) {
          passedMs += passMs;
          nowMs += passMs - backMs;
          const granted = Math.min(ask, admission.grantable(line, wide, nowMs));
          for (let claim = 0; claim < granted; claim++) {
            line = admission.countClaim(line, nowMs);
            grantedAtMs.push(passedMs);
            latestMs = Math.max(latestMs, nowMs);
          }
          const lastMinute = grantedAtMs.filter((atMs) => atMs > passedMs - 60_000);
          expect(lastMinute.length).toBeLessThanOrEqual(10);
        }
        expect(admission.grantable(line, wide, latestMs + 61_000)).toBe(10);
      }),
      { numRuns: 500 },
    );
  });
});
