import { array, assert, constantFrom, nat, property, record, boolean } from "fast-check";
import { describe, expect, it } from "vitest";
import { NOON_MS, SECOND_MS } from "../../test/system/support/samples.ts";
import {
  admit,
  BREAKER_TERMS,
  CLOSED_BREAKER,
  hear,
  opensAtMs,
  type Breaker,
  type BreakerReport,
} from "./breaker.ts";

const OPEN_MS = NOON_MS + 30 * SECOND_MS;
const OPEN: Breaker = { failedAtMs: [], openUntilMs: OPEN_MS, trialUntilMs: null };

function failed(failures: number, successes = 0, isTrial = false): BreakerReport {
  return { failures, successes, isTrial };
}

/** A breaker that has heard these reports, so many seconds after noon. */
function after(...reports: [atSeconds: number, BreakerReport][]): Breaker {
  return reports.reduce(
    (breaker, [atSeconds, report]) => hear(breaker, report, NOON_MS + atSeconds * SECOND_MS),
    CLOSED_BREAKER,
  );
}

describe("the terms of production", () => {
  it("are 5 failures in 30 s, and 30 s of rest", () => {
    expect(BREAKER_TERMS).toMatchObject({ failuresMax: 5, windowMs: 30_000, openMs: 30_000 });
  });
});

describe("a closed breaker", () => {
  it("lets every batch ask, and notes nothing", () => {
    const { permit, breaker } = admit(CLOSED_BREAKER, NOON_MS);
    expect(permit).toEqual({ kind: "ask" });
    expect(breaker).toBe(CLOSED_BREAKER);
    expect(opensAtMs(CLOSED_BREAKER, NOON_MS)).toBeNull();
  });

  it.each<[string, Breaker, isOpen: boolean]>([
    ["5 failures at once", after([0, failed(5)]), true],
    ["50 at once", after([0, failed(50)]), true],
    ["4", after([0, failed(4)]), false],
    ["5 in a little less than 30 s", after([0, failed(4)], [29.999, failed(1)]), true],
    ["5 in 30 s, the first of which is over", after([0, failed(1)], [30, failed(4)]), false],
    [
      "4 and a success, and one more",
      after([0, failed(4)], [1, failed(0, 1)], [2, failed(1)]),
      false,
    ],
    ["10 among 50 that are answered", after([0, failed(10, 40)]), false],
    ["as many that are answered as not", after([0, failed(20, 20)], [1, failed(4)]), false],
    ["5 more than are answered", after([0, failed(25, 20)]), true],
    ["an outage after an hour of successes", after([0, failed(0, 1_000)], [1, failed(5)]), true],
  ])("%s: open is %s", (_, breaker, isOpen) => {
    expect(breaker.openUntilMs !== null).toBe(isOpen);
  });

  it("remembers no more failures than it takes to open", () => {
    expect(after([0, failed(4)], [1, failed(0, 1)]).failedAtMs).toHaveLength(3);
    expect(after([0, failed(0, 9)]).failedAtMs).toEqual([]);
  });
});

describe("an open breaker", () => {
  it("lets nobody ask until its time is over", () => {
    const wait = { kind: "wait", untilMs: OPEN_MS };
    expect(admit(OPEN, NOON_MS).permit).toEqual(wait);
    expect(admit(OPEN, OPEN_MS - 1)).toEqual({ permit: wait, breaker: OPEN });
    expect(opensAtMs(OPEN, OPEN_MS - 1)).toBe(OPEN_MS);
    expect(opensAtMs(OPEN, OPEN_MS)).toBeNull();
  });

  it("does not hear batches that were sent before it opened", () => {
    for (const report of [failed(9), failed(0, 9)])
      expect(hear(OPEN, report, NOON_MS + SECOND_MS)).toBe(OPEN);
  });

  it("then lets one batch try, and the others wait for it a while", () => {
    const { permit, breaker } = admit(OPEN, OPEN_MS);
    expect(permit).toEqual({ kind: "try", untilMs: OPEN_MS + 30_000 });
    expect(admit(breaker, OPEN_MS + 1).permit).toEqual({
      kind: "wait",
      untilMs: OPEN_MS + 1 + 2_000,
    });
  });

  it("lets another one try when a trial is lost", () => {
    const { breaker } = admit(OPEN, OPEN_MS);
    expect(admit(breaker, OPEN_MS + 19_999).permit.kind).toBe("wait");
    expect(admit(breaker, OPEN_MS + 20_000).permit.kind).toBe("try");
  });

  it("closes by a trial that is answered, and stays open by one that is not", () => {
    const { breaker } = admit(OPEN, OPEN_MS);
    expect(hear(breaker, failed(0, 2, true), OPEN_MS + 1)).toEqual(CLOSED_BREAKER);
    for (const report of [failed(1, 0, true), failed(1, 1, true)])
      expect(hear(breaker, report, OPEN_MS + 5_000)).toEqual({
        failedAtMs: [],
        openUntilMs: OPEN_MS + 35_000,
        trialUntilMs: null,
      });
    expect(hear(breaker, failed(0, 0, true), OPEN_MS + 1)).toBe(breaker);
  });
});

describe("any history of batches", () => {
  const step = record({
    waitsMs: nat(40_000),
    report: record({ failures: nat(6), successes: nat(6), isTrial: boolean() }),
    does: constantFrom("admit", "report"),
  });

  it("always comes to a trial, and a trial that is answered closes it", () => {
    assert(
      property(array(step, { maxLength: 40 }), (steps) => {
        let breaker = CLOSED_BREAKER;
        let nowMs = NOON_MS;
        for (const { waitsMs, report, does } of steps) {
          nowMs += waitsMs;
          breaker = does === "admit" ? admit(breaker, nowMs).breaker : hear(breaker, report, nowMs);
          expect(breaker.failedAtMs.length).toBeLessThan(BREAKER_TERMS.failuresMax);
        }
        const { openMs, trialMs } = BREAKER_TERMS;
        const later = admit(breaker, nowMs + openMs + trialMs);
        expect(later.permit.kind).not.toBe("wait");
        const closed = hear(later.breaker, failed(0, 1, true), nowMs + openMs + trialMs);
        expect(closed.openUntilMs).toBeNull();
      }),
    );
  });
});
