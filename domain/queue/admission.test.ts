import { describe, expect, it } from "vitest";
import { NOON_MS } from "../../test/system/support/samples.ts";
import {
  comingShare,
  countAsk,
  countClaim,
  countDeparture,
  countLapses,
  EMPTY_LINE,
  grantable,
  tick,
  TICK_MS,
  type AdmissionInputs,
  type LineState,
  type OpenInvitations,
} from "./admission.ts";
import { AGES_MS, EMPTY_TURNOUT } from "./turnout.ts";

/** Ten a second, nobody inside, plenty of everything. */
const OPEN: AdmissionInputs = {
  newUsersPerMinute: 600,
  totalActiveUsers: 500,
  available: 10_000,
  numbered: 1_000,
  claimMs: 90_000,
  open: true,
};

/** Nobody is invited who has not come. */
const NOBODY: OpenInvitations = { asking: 0, silent: AGES_MS.map(() => 0) };

function silent(...byAge: number[]): Partial<OpenInvitations> {
  return { silent: AGES_MS.map((_, index) => byAge[index] ?? 0) };
}

/** A thousand wait, none is invited; the last tick was at noon. */
function line(changes: Partial<LineState> = {}): LineState {
  return { ...EMPTY_LINE, lastNumber: 1_000, lastTickAtMs: NOON_MS, ...changes };
}

function tickAfter(
  afterMs: number,
  changes: Partial<LineState>,
  inputs: Partial<AdmissionInputs> = {},
  open: Partial<OpenInvitations> = {},
): LineState {
  return tick(line(changes), { ...OPEN, ...inputs }, { ...NOBODY, ...open }, NOON_MS + afterMs);
}

/** A crowd of which one in five comes, within a second, and the others never. */
const ONE_IN_FIVE = { came: [100, 0, 0, 0, 0, 0, 0, 0], waited: [450, 400, 800, 800, 0, 0, 0, 0] };

describe("a tick invites", () => {
  it.each<
    [
      name: string,
      changes: Partial<LineState>,
      inputs: Partial<AdmissionInputs>,
      invited: number,
      open?: Partial<OpenInvitations>,
    ]
  >([
    ["what the rate allows", {}, {}, 2],
    ["what the rate and the carry allow", { carry: 0.6 }, {}, 3],
    ["nobody at a low rate", {}, { newUsersPerMinute: 60 }, 0],
    ["those who wait", {}, { numbered: 1 }, 1],
    ["nobody without a number", {}, { numbered: 0 }, 0],
    ["nobody when all are invited", { cursor: 7 }, { numbered: 7 }, 0],
    ["up to the capacity", { inside: 9 }, { totalActiveUsers: 10 }, 1],
    ["nobody when it is full", { inside: 10 }, { totalActiveUsers: 10 }, 0],
    ["nobody when it was lowered", { inside: 10 }, { totalActiveUsers: 5 }, 0],
    ["no more than ask", {}, { totalActiveUsers: 6 }, 1, { asking: 5 }],
    ["no more than are expected", {}, { totalActiveUsers: 10 }, 1, silent(9)],
    ["instead of those who are late", {}, { totalActiveUsers: 10 }, 2, silent(0, 0, 0, 10)],
    [
      "ahead of no-shows, twofold at most",
      { turnout: ONE_IN_FIVE },
      { totalActiveUsers: 10 },
      2,
      silent(16),
    ],
    ["nobody beyond that", { turnout: ONE_IN_FIVE }, { totalActiveUsers: 10 }, 0, silent(20)],
    [
      "nobody while twenty times the capacity are silent: something is down",
      { turnout: ONE_IN_FIVE },
      { totalActiveUsers: 10 },
      0,
      silent(0, 0, 0, 0, 0, 0, 0, 200),
    ],
    [
      "ahead of places that come back while somebody is on the way",
      { inside: 10, returnedPerSecond: 4 },
      { totalActiveUsers: 10 },
      2,
    ],
    [
      "somebody for the last place beside closed tabs that will hardly be opened again",
      {},
      { totalActiveUsers: 1 },
      1,
      silent(0, 0, 0, 0, 0, 0, 0, 8),
    ],
    ["nobody for less than half a place", {}, { totalActiveUsers: 1 }, 0, silent(0, 0, 0, 0, 0, 4)],
    [
      "somebody for the last unit, likewise",
      {},
      { available: 1 },
      1,
      silent(0, 0, 0, 0, 0, 0, 0, 8),
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
    ["no more than the stock beside those invited", {}, { available: 4 }, 1, silent(3)],
    ["less while the checkout is slow", { pace: { perSecond: 4, halvedAtMs: NOON_MS } }, {}, 1],
    ["nobody while enough ask who wait for the rate", {}, {}, 0, { asking: 7 }],
  ])("%s", (_, changes, inputs, invited, open = {}) => {
    const before = line(changes);
    const after = tickAfter(TICK_MS, changes, inputs, open);
    expect(after.cursor - before.cursor).toBe(invited);
    expect(after.openInvitations - before.openInvitations).toBe(invited);
    expect(after.carry).toBeLessThan(1);
    expect(after.lastTickAtMs).toBe(NOON_MS + TICK_MS);
  });

  it("nobody while the sale admits nobody, and forgets fraction and rate", () => {
    const after = tickAfter(TICK_MS, { carry: 0.9, invitedPerSecond: 10 }, { open: false });
    expect(after).toEqual(line());
    expect(tick(after, { ...OPEN, open: false }, NOBODY, NOON_MS + 2 * TICK_MS)).toBe(after);
  });

  it.each([
    ["a late tick", 60 * 60_000, 5],
    ["the very first tick", NOON_MS, 5],
    ["two at the same time", 0, 0],
    ["a clock that went back", -60_000, 0],
  ])("no burst: %s", (_, afterMs, invited) => {
    expect(tickAfter(afterMs, {}).cursor).toBe(invited);
  });

  it("at the set rate, tick by tick, where everybody comes", () => {
    const roomy = { ...OPEN, totalActiveUsers: 10_000 };
    let now = line();
    for (let ticks = 1; ticks <= 240; ticks++) {
      const { cursor } = now;
      now = tick(now, roomy, NOBODY, NOON_MS + ticks * TICK_MS);
      for (let came = cursor; came < now.cursor; came++) now = countAsk(now, 0);
    }
    expect(now.cursor).toBe(600);
    expect(now.invitedPerSecond).toBeCloseTo(10, 0);
  });

  it("more than the rate where not everybody comes, so that as many come as may", () => {
    const invited = tickAfter(TICK_MS, { turnout: ONE_IN_FIVE }, { newUsersPerMinute: 2_400 });
    expect(invited.cursor).toBe(20);
  });

  it("and measures nothing while nobody waits", () => {
    const after = tickAfter(TICK_MS, { cursor: 5, invitedPerSecond: 8 }, { numbered: 5 });
    expect(after.invitedPerSecond).toBe(8);
  });

  it("and says whether it was room that was short", () => {
    expect(tickAfter(TICK_MS, {}).isFull).toBe(false);
    const full = tickAfter(TICK_MS, { inside: 500 });
    expect(full.isFull).toBe(true);
    // Some places that come back at once are no other pace, the whole room is.
    const roomy = { ...full, inside: 400 };
    expect(tick(roomy, OPEN, NOBODY, NOON_MS + 2_000).isFull).toBe(true);
    expect(tick(roomy, OPEN, NOBODY, NOON_MS + 4_000).isFull).toBe(false);
  });

  it("and learns how fast places come back, also those of a time without ticks", () => {
    const fast = tickAfter(TICK_MS, { returned: 10 });
    expect([fast.returned, fast.returnedPerSecond]).toEqual([0, 40 * 0.05]);
    expect(tickAfter(100_000, { returned: 10 }).returnedPerSecond).toBeCloseTo(0.1 * 0.05);
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
    const before = line({ openInvitations: 3, inside: 4, insidePeak: 4 });
    const after = countClaim(before, NOON_MS);
    expect(after).toEqual({
      ...before,
      openInvitations: 2,
      inside: 5,
      insidePeak: 5,
      granted: 1,
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

describe("an ask", () => {
  it("is learned from, by the age of the invitation", () => {
    const { came } = countAsk(countAsk(line(), 100), 5_000).turnout;
    expect(came).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
    expect(EMPTY_TURNOUT.came).toEqual(AGES_MS.map(() => 0));
  });
});

describe("a lapse", () => {
  it("gives the invitations up", () => {
    expect(countLapses(line({ openInvitations: 5 }), 3).openInvitations).toBe(2);
  });
});

describe("a departure", () => {
  it.each([
    [0, 0.95],
    [1, 1],
    [3, 1.1],
  ])("with %i units makes room and moves what an entrant takes to %d", (units, expected) => {
    const after = countDeparture(line({ inside: 4 }), units, 9_000);
    expect([after.inside, after.returned, after.stays.sum]).toEqual([3, 1, 9]);
    expect(after.unitsPerEntrant).toBeCloseTo(expected, 9);
  });
});

describe("which part of those invited comes", () => {
  it.each([
    ["all while few are invited", { cursor: 0 }, 1],
    ["who was granted", { cursor: 180, granted: 80 }, 0.5],
    ["and who is likely to come", { cursor: 180, granted: 80, expected: 50 }, 0.75],
  ])("%s", (_, changes, share) => {
    expect(comingShare(line(changes))).toBe(share);
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
