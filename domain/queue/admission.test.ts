import { describe, expect, it } from "vitest";
import { NOON_MS } from "../../test/system/support/samples.ts";
import {
  countClaim,
  countDeparture,
  countLapses,
  EMPTY_LINE,
  grantable,
  tick,
  TICK_MS,
  type AdmissionInputs,
  type LineState,
} from "./admission.ts";

/** Ten a second, nobody inside, plenty of everything. */
const OPEN: AdmissionInputs = {
  newUsersPerMinute: 600,
  totalActiveUsers: 500,
  available: 10_000,
  open: true,
};

/** A thousand wait, none is invited; the last tick was at noon. */
function line(changes: Partial<LineState> = {}): LineState {
  return { ...EMPTY_LINE, lastNumber: 1_000, lastTickAtMs: NOON_MS, ...changes };
}

function tickAfter(
  afterMs: number,
  changes: Partial<LineState>,
  inputs: Partial<AdmissionInputs> = {},
): LineState {
  return tick(line(changes), { ...OPEN, ...inputs }, NOON_MS + afterMs);
}

describe("a tick invites", () => {
  it.each<
    [
      name: string,
      changes: Partial<LineState>,
      inputs: Partial<AdmissionInputs>,
      invited: number,
      carry?: number,
    ]
  >([
    ["what the rate allows", {}, {}, 2, 0.5],
    ["what the rate and the carry allow", { carry: 0.5 }, {}, 3, 0],
    ["nobody at a low rate, and keeps the fraction", {}, { newUsersPerMinute: 60 }, 0, 0.25],
    ["those who wait", { lastNumber: 1 }, {}, 1],
    ["nobody when all are invited", { lastNumber: 7, cursor: 7 }, {}, 0],
    ["up to the capacity", { inside: 9 }, { totalActiveUsers: 10 }, 1],
    ["nobody when it is full", { inside: 10 }, { totalActiveUsers: 10 }, 0],
    ["nobody when it was lowered", { inside: 10 }, { totalActiveUsers: 5 }, 0],
    ["no more than are expected", { openInvitations: 9 }, { totalActiveUsers: 10 }, 1],
    ["ahead of no-shows", { openInvitations: 10, noShowShare: 0.2 }, { totalActiveUsers: 10 }, 2],
    [
      "at most twice the capacity, whatever the no-shows",
      { openInvitations: 20, noShowShare: 0.99 },
      { totalActiveUsers: 10 },
      0,
    ],
    ["what the stock can serve", {}, { available: 1 }, 1],
    ["nobody without stock", {}, { available: 0 }, 0],
    ["less when entrants take more", { unitsPerEntrant: 2 }, { available: 2 }, 1],
    [
      "somebody for the last unit, however many others take",
      { unitsPerEntrant: 4 },
      { available: 1 },
      1,
    ],
    ["more when they take less", { unitsPerEntrant: 0.5 }, { available: 1 }, 2],
    [
      "at most ten for a unit",
      { unitsPerEntrant: 0, inside: 8 },
      { available: 1, newUsersPerMinute: 60_000 },
      2,
    ],
    ["no more than the stock beside those inside", { inside: 3 }, { available: 4 }, 1],
    ["no more than the stock beside those invited", { openInvitations: 3 }, { available: 4 }, 1],
  ])("%s", (_, changes, inputs, invited, carry) => {
    const before = line(changes);
    const after = tickAfter(TICK_MS, changes, inputs);
    expect(after.cursor - before.cursor).toBe(invited);
    expect(after.openInvitations - before.openInvitations).toBe(invited);
    if (carry !== undefined) expect(after.carry).toBeCloseTo(carry, 9);
    expect(after.lastTickAtMs).toBe(NOON_MS + TICK_MS);
  });

  it("nobody while the sale admits nobody, and forgets fraction and rate", () => {
    const after = tickAfter(TICK_MS, { carry: 0.9, invitedPerSecond: 10 }, { open: false });
    expect(after).toEqual(line());
    expect(tick(after, { ...OPEN, open: false }, NOON_MS + 2 * TICK_MS)).toBe(after);
  });

  it.each([
    ["a late tick", 60 * 60_000, 5],
    ["the very first tick", NOON_MS, 5],
    ["two at the same time", 0, 0],
    ["a clock that went back", -60_000, 0],
  ])("no burst: %s", (_, afterMs, invited) => {
    expect(tickAfter(afterMs, {}).cursor).toBe(invited);
  });

  it("at the set rate, tick by tick, exactly", () => {
    const roomy = { ...OPEN, totalActiveUsers: 10_000 };
    let now = line();
    for (let ticks = 1; ticks <= 240; ticks++) now = tick(now, roomy, NOON_MS + ticks * TICK_MS);
    expect(now.cursor).toBe(600);
    expect(now.invitedPerSecond).toBeCloseTo(10, 0);
  });

  it("and measures nothing while nobody waits", () => {
    const after = tickAfter(TICK_MS, { lastNumber: 5, cursor: 5, invitedPerSecond: 8 });
    expect(after.invitedPerSecond).toBe(8);
  });
});

describe("claims that may be granted", () => {
  const second = NOON_MS / 1000;

  it.each<
    [name: string, changes: Partial<LineState>, inputs: Partial<AdmissionInputs>, count: number]
  >([
    ["the rate, at first", {}, {}, 500],
    ["the rate when it is the smaller", {}, { newUsersPerMinute: 30 }, 30],
    ["what is free", { inside: 499 }, {}, 1],
    ["none when full", { inside: 500 }, {}, 0],
    ["none when more than full", { inside: 501 }, {}, 0],
    ["none while closed", {}, { open: false }, 0],
    ["less what came in this second", { claims: [{ second, count: 4 }] }, {}, 500],
    [
      "less what came in the last minute",
      {
        claims: [
          { second: second - 30, count: 4 },
          { second, count: 5 },
        ],
      },
      { newUsersPerMinute: 10 },
      1,
    ],
    [
      "also what came in the second that began a minute ago: its end is younger",
      { claims: [{ second: second - 60, count: 10 }] },
      { newUsersPerMinute: 10 },
      0,
    ],
    [
      "the full rate once that second is over",
      { claims: [{ second: second - 61, count: 10 }] },
      { newUsersPerMinute: 10 },
      10,
    ],
    [
      "none when the rate was lowered below them",
      { claims: [{ second, count: 20 }] },
      { newUsersPerMinute: 10 },
      0,
    ],
  ])("%s", (_, changes, inputs, count) => {
    expect(grantable(line(changes), { ...OPEN, ...inputs }, NOON_MS)).toBe(count);
  });
});

describe("a claim", () => {
  it("answers an invitation and takes a place inside", () => {
    const before = line({ openInvitations: 3, inside: 4, insidePeak: 4, noShowShare: 0.5 });
    const after = countClaim(before, NOON_MS);
    expect(after).toEqual({
      ...before,
      openInvitations: 2,
      inside: 5,
      insidePeak: 5,
      noShowShare: 0.5 * 0.95,
      claims: [{ second: NOON_MS / 1000, count: 1 }],
    });
    expect(before.claims).toEqual([]);
  });

  it("keeps the peak, and counts by second for no longer than a minute counts", () => {
    let now = line({ inside: 1, insidePeak: 90 });
    for (let at = 0; at < 200; at++) {
      now = countClaim(now, NOON_MS + at * 1_000);
      now = countClaim(now, NOON_MS + at * 1_000 + 999);
    }
    expect(now.insidePeak).toBe(401);
    expect(now.claims.length).toBeLessThanOrEqual(61);
    expect(now.claims.at(-1)).toEqual({ second: NOON_MS / 1000 + 199, count: 2 });
    expect(countClaim(line({ insidePeak: 90 }), NOON_MS).insidePeak).toBe(90);
  });
});

describe("a lapse", () => {
  it("gives the invitation up and raises the no-show share, as many times as there are", () => {
    const three = countLapses(line({ openInvitations: 5 }), 3);
    expect(three.openInvitations).toBe(2);
    expect(three.noShowShare).toBeCloseTo(1 - 0.95 ** 3, 9);
    const oneByOne = countLapses(countLapses(countLapses(line(), 1), 1), 1);
    expect(oneByOne.noShowShare).toBeCloseTo(three.noShowShare, 9);
    expect(countLapses(line(), 100_000).noShowShare).toBeLessThanOrEqual(1);
  });
});

describe("a departure", () => {
  it.each([
    [0, 0.95],
    [1, 1],
    [3, 1.1],
  ])("with %i units makes room and moves what an entrant takes to %d", (units, expected) => {
    const after = countDeparture(line({ inside: 4 }), units);
    expect(after.inside).toBe(3);
    expect(after.unitsPerEntrant).toBeCloseTo(expected, 9);
  });
});

describe("a clock that goes back and forth", () => {
  it("does not make the list of claims longer than its window", () => {
    let line: LineState = { ...EMPTY_LINE, openInvitations: 1_000 };
    for (let claim = 0; claim < 600; claim++)
      line = countClaim(line, NOON_MS + (claim % 2 === 0 ? 0 : 30_000));
    expect(line.claims).toEqual([
      { second: NOON_MS / 1000, count: 1 },
      { second: NOON_MS / 1000 + 30, count: 599 },
    ]);
  });
});
