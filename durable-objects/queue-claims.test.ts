import { describe, expect, it } from "vitest";
import { useTestClock } from "../test/system/support/clock.ts";
import { rowsOf } from "../test/system/support/objects.ts";
import { openLine, type LineOptions, type TestLine } from "../test/system/support/lines.ts";
import { control, HOUR_MS, level, NOON_MS, SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();

const CLAIM_SECONDS = 90;
const SESSION_SECONDS = 300;

/** A line of `count` numbers after its first tick. */
async function tickedLine(count: number, options: LineOptions = {}): Promise<TestLine> {
  const line = await openLine(options);
  await line.number(count);
  await line.tick();
  return line;
}

/** A line in which twice as many are invited as there is room for: earlier ones did not come. */
async function crowdedLine(): Promise<TestLine> {
  const line = await tickedLine(200, { queue: { totalActiveUsers: 20 } });
  clock.advance(CLAIM_SECONDS * SECOND_MS);
  await line.tick();
  for (let ticks = 0; ticks < 8; ticks++) {
    clock.advance(SECOND_MS);
    await line.tick();
  }
  expect((await line.counters()).openInvitations).toBeGreaterThan(35);
  return line;
}

/** Ticks on until `cursor` numbers are invited. */
async function inviteUpTo(line: TestLine, cursor: number): Promise<void> {
  for (let ticks = 0; ticks < 400; ticks++) {
    if ((await line.counters()).cursor >= cursor) return;
    clock.advance(500);
    await line.tick();
  }
  throw new Error(`Number ${cursor} was never invited.`);
}

function grantedOf(grants: Record<number, { state: string }>): number[] {
  return Object.entries(grants)
    .filter(([, grant]) => grant.state === "granted")
    .map(([number]) => Number(number));
}

describe("invitations", () => {
  it("come from a tick, in order of number, up to the capacity", async () => {
    const line = await openLine({ queue: { totalActiveUsers: 3 } });
    await line.number(5);
    expect((await line.board()).cursor).toBe(0);
    await line.tick();
    expect(await line.board()).toMatchObject({ cursor: 3, lastNumber: 5 });
    clock.advance(SECOND_MS);
    await line.tick();
    expect((await line.board()).cursor).toBe(3);
  });

  it("come at the rate, and a late tick brings no burst", async () => {
    const line = await tickedLine(100, { queue: { newUsersPerMinute: 600 } });
    expect((await line.board()).cursor).toBe(5);
    clock.advance(HOUR_MS / 2);
    await line.tick();
    expect((await line.board()).cursor).toBe(10);
    clock.advance(250);
    await line.tick();
    expect((await line.board()).cursor).toBe(12);
  });

  it.each<[name: string, options: LineOptions]>([
    ["before the start", { control: { startsAtMs: NOON_MS + HOUR_MS / 2 } }],
    ["of a draft", { control: { mode: "draft" } }],
    ["while the sale is paused", { control: { mode: "paused" } }],
    ["after the end", { control: { endsAtMs: NOON_MS } }],
    ["when nothing is left", { levels: [level(5, 0, 5)] }],
    ["while all units are held", { levels: [level(5, 5, 0)] }],
  ])("do not come %s", async (_, options) => {
    const line = await tickedLine(5, options);
    clock.advance(SECOND_MS);
    await line.tick();
    expect(await line.board()).toMatchObject({ cursor: 0, lastNumber: 5 });
  });

  it("cost a paused line nothing: its ticks write nothing", async () => {
    const line = await tickedLine(5, { control: { mode: "paused" } });
    const { version } = await line.board();
    clock.advance(SECOND_MS);
    await line.tick();
    expect((await line.board()).version).toBe(version);
  });

  it("come by the sequencer's own timer, without any call", async () => {
    const line = await openLine();
    await line.number(5);
    await expect.poll(async () => (await line.board()).cursor, { timeout: 3_000 }).toBe(5);
  });

  it("begin at the start: an early line arms an alarm for it", async () => {
    const startsAtMs = NOON_MS + HOUR_MS / 2;
    const line = await openLine({ control: { startsAtMs } });
    await line.number(2);
    clock.advance(HOUR_MS / 2);
    await line.tick();
    expect((await line.board()).cursor).toBe(2);
  });
});

describe("a claim", () => {
  it("of an invited number is granted, from now, for the session", async () => {
    const line = await tickedLine(2);
    expect(await line.ask(1)).toEqual({
      1: {
        state: "granted",
        claimedAtMs: clock.now(),
        expiresAtMs: clock.now() + SESSION_SECONDS * SECOND_MS,
      },
    });
    expect(await line.counters()).toMatchObject({ inside: 1, insidePeak: 1, openInvitations: 1 });
  });

  it("gives the same times on every repeat, also after its pass has expired", async () => {
    const line = await tickedLine(1);
    const first = await line.ask(1);
    clock.advance(SECOND_MS);
    expect(await line.ask(1)).toEqual(first);
    clock.advance(SESSION_SECONDS * SECOND_MS);
    await line.tick();
    expect(await line.ask(1)).toEqual(first);
    expect(await line.counters()).toMatchObject({ inside: 0, insidePeak: 1, openInvitations: 0 });
  });

  it("of a number past the cursor waits, and counts for nothing", async () => {
    const line = await tickedLine(5, { queue: { totalActiveUsers: 2 } });
    expect(await line.ask(3, 99)).toEqual({ 3: { state: "waiting" }, 99: { state: "waiting" } });
    expect(await line.counters()).toMatchObject({ inside: 0, openInvitations: 2 });
  });

  it("is granted in order of number and never beyond the capacity", async () => {
    const line = await crowdedLine();
    const { cursor } = await line.board();
    const asked = Array.from({ length: 30 }, (_, index) => cursor - index);
    const granted = grantedOf(await line.ask(...asked));
    const lowest = asked.toSorted((a, b) => a - b).slice(0, 20);
    expect(granted).toEqual(lowest);
    expect(await line.counters()).toMatchObject({ inside: 20, insidePeak: 20 });

    const waiting = asked.toSorted((a, b) => a - b).slice(20);
    for (const at of [9, 1, 0, 2, 8, 3, 7]) {
      clock.advance(10);
      await line.ask(waiting[at] ?? 0);
    }
    await line.finish(1, ...lowest.slice(0, 3));
    clock.advance(250);
    await line.tick();
    expect(grantedOf(await line.ask(...waiting))).toEqual(waiting.slice(0, 3));
    expect(await line.counters()).toMatchObject({ inside: 20, insidePeak: 20 });
  });

  it("is bound by the rate over a minute", async () => {
    const line = await tickedLine(40, { queue: { newUsersPerMinute: 12, claimSeconds: 900 } });
    await inviteUpTo(line, 12);
    const first = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    expect(grantedOf(await line.ask(...first))).toEqual(first);
    await inviteUpTo(line, 18);
    const more = [13, 14, 15, 16, 17, 18];
    expect(grantedOf(await line.ask(...more))).toEqual([]);
    clock.advance(61 * SECOND_MS);
    await line.tick();
    expect(grantedOf(await line.ask(...more))).toEqual(more);
  });

  it("waits while the sale is paused and is granted, in order, when it goes on", async () => {
    const line = await tickedLine(3);
    await line.sequencer.command("pause");
    expect(grantedOf(await line.ask(2, 3, 1))).toEqual([]);
    await line.sequencer.command("resume");
    clock.advance(SECOND_MS);
    await line.tick();
    expect(grantedOf(await line.ask(1, 2, 3))).toEqual([1, 2, 3]);
  });
});

describe("an invitation that is not claimed", () => {
  it("lapses after its time and not before", async () => {
    const line = await tickedLine(3);
    clock.advance(CLAIM_SECONDS * SECOND_MS - 1);
    await line.tick();
    expect(grantedOf(await line.ask(1))).toEqual([1]);
    clock.advance(1);
    await line.tick();
    expect(await line.ask(2)).toEqual({ 2: { state: "lapsed" } });
    expect(await line.ask(2)).toEqual({ 2: { state: "lapsed" } });
    expect(await line.counters()).toMatchObject({ inside: 1, openInvitations: 0 });
  });

  it("does not lapse while the sale is paused, asked for or not: only open time counts", async () => {
    const line = await tickedLine(2);
    clock.advance((CLAIM_SECONDS - 1) * SECOND_MS);
    await line.sequencer.command("pause");
    expect(await line.ask(1)).toEqual({ 1: { state: "waiting" } });
    clock.advance(10 * CLAIM_SECONDS * SECOND_MS);
    await line.tick();
    expect(await line.ask(1, 2)).toEqual({ 1: { state: "waiting" }, 2: { state: "waiting" } });
    await line.sequencer.command("resume");
    await line.tick();
    expect(grantedOf(await line.ask(1, 2))).toEqual([1, 2]);
  });

  it("lapses when the rest of its time has passed after a pause", async () => {
    const line = await tickedLine(1);
    clock.advance((CLAIM_SECONDS - 1) * SECOND_MS);
    await line.sequencer.command("pause");
    clock.advance(10 * CLAIM_SECONDS * SECOND_MS);
    await line.sequencer.command("resume");
    clock.advance(SECOND_MS - 1);
    await line.tick();
    expect(await line.counters()).toMatchObject({ openInvitations: 1 });
    clock.advance(1);
    await line.tick();
    expect(await line.ask(1)).toEqual({ 1: { state: "lapsed" } });
  });

  it("that is asked for in a pause was as old as when the pause began, and so is the ask", async () => {
    const line = await tickedLine(2);
    await line.sequencer.command("pause");
    clock.advance(10 * CLAIM_SECONDS * SECOND_MS);
    await line.ask(1);
    const { came } = (await line.counters()).turnout;
    expect([came[0], came.at(-1)]).toEqual([1, 0]);
    await line.sequencer.command("resume");
    const [claim] = await rowsOf(line.sequencer, "SELECT asked_at_ms FROM claim");
    expect(claim).toEqual({ asked_at_ms: clock.now() });
  });

  it("was expected less and less: others are invited long before", async () => {
    const line = await tickedLine(100, { queue: { totalActiveUsers: 10 } });
    expect((await line.board()).cursor).toBe(10);
    for (let ticks = 0; ticks < 40; ticks++) {
      clock.advance(500);
      await line.tick();
    }
    const { cursor, expected } = await line.counters();
    expect(cursor).toBeGreaterThan(20);
    expect(expected).toBeLessThanOrEqual(10);
    expect(await line.ask(1)).toMatchObject({ 1: { state: "granted" } });
  });
});

describe("a place inside", () => {
  it("comes back with what its shopper bought, once, however often that is reported", async () => {
    const line = await tickedLine(3);
    await line.ask(1, 2, 3);
    await line.finish(1, 1, 2);
    await line.finish(2, 1, 2);
    await Promise.all([line.finish(3, 1), line.finish(3, 1), line.finish(1, 2, 2)]);
    expect(await line.counters()).toMatchObject({ inside: 1, insidePeak: 3 });
  });

  it("comes back when the pass expires, and not twice when it is reported after that", async () => {
    const line = await tickedLine(2);
    await line.ask(1, 2);
    clock.advance(SESSION_SECONDS * SECOND_MS - 1);
    await line.tick();
    expect(await line.counters()).toMatchObject({ inside: 2 });
    clock.advance(1);
    await line.tick();
    expect(await line.counters()).toMatchObject({ inside: 0 });
    await line.finish(1, 1, 2);
    await line.depart(1, 2);
    expect(await line.counters()).toMatchObject({ inside: 0 });
  });

  it("is not made by a report of a number that never claimed", async () => {
    const line = await tickedLine(2);
    await line.finish(1, 1, 2, 77);
    expect(await line.counters()).toMatchObject({ inside: 0, openInvitations: 2 });
  });
});

describe("leaving", () => {
  it("gives the place inside back, once", async () => {
    const line = await tickedLine(3, { queue: { totalActiveUsers: 2 } });
    await line.ask(1, 2);
    await line.depart(1);
    await line.depart(1);
    expect(await line.counters()).toMatchObject({ inside: 1 });
    expect(await line.ask(1)).toEqual({ 1: { state: "left" } });
    clock.advance(SECOND_MS);
    await line.tick();
    expect((await line.board()).cursor).toBe(3);
  });

  it("gives an invitation back, asked for or not, once", async () => {
    const line = await tickedLine(2);
    await line.sequencer.command("pause");
    await line.ask(1);
    await line.depart(1, 2);
    await line.depart(2, 1);
    expect(await line.counters()).toMatchObject({ inside: 0, openInvitations: 0 });
    clock.advance(CLAIM_SECONDS * SECOND_MS);
    await line.tick();
    expect(await line.counters()).toMatchObject({ openInvitations: 0 });
  });

  it("while waiting costs nobody anything: the cursor passes over", async () => {
    const line = await openLine({ queue: { totalActiveUsers: 2 } });
    await line.number(4);
    await line.depart(1, 2);
    await line.tick();
    expect(await line.counters()).toMatchObject({ cursor: 2, openInvitations: 0 });
    clock.advance(250);
    await line.tick();
    expect(await line.counters()).toMatchObject({ cursor: 4, openInvitations: 2 });
    expect(grantedOf(await line.ask(3, 4))).toEqual([3, 4]);
  });
});

describe("the end of a sale", () => {
  it("grants nothing more and lets the passes stand", async () => {
    const line = await tickedLine(2);
    const [first, ended] = [await line.ask(1), await line.sequencer.command("end")];
    expect(ended).toMatchObject({
      control: control({ mode: "ended", endsAtMs: clock.now(), version: 2 }),
    });
    expect(await line.ask(1, 2)).toEqual({ ...first, 2: { state: "waiting" } });
  });
});
