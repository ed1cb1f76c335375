import { describe, expect, it } from "vitest";
import { REVOKED_MAX_NUMBERS } from "../domain/queue/settings.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { openLine, type TestLine } from "../test/system/support/lines.ts";
import { bindings, rowsOf, uniqueName } from "../test/system/support/objects.ts";
import { SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();

const BY = { actor: "u_bea", reason: "The checkout is slow." };
const GRANTED = { state: "granted" };

/** A line of ten numbers after its first tick. */
async function tickedLine(totalActiveUsers: number): Promise<TestLine> {
  const line = await openLine({ queue: { totalActiveUsers } });
  await line.number(10);
  await line.tick();
  return line;
}

async function nextTick(line: TestLine): Promise<void> {
  clock.advance(SECOND_MS);
  await line.tick();
}

function controlsOf(line: TestLine, changes: Parameters<TestLine["sequencer"]["adjust"]>[0]) {
  return line.sequencer.adjust(changes, BY);
}

describe("live controls", () => {
  it("let more in at once, or nobody until there is room; passes stand", async () => {
    const line = await tickedLine(2);
    expect(await line.ask(1, 2, 3)).toMatchObject({ 1: GRANTED, 2: GRANTED, 3: {} });
    expect(await controlsOf(line, { totalActiveUsers: 4 })).toMatchObject({
      ok: true,
      controls: { totalActiveUsers: 4, sessionDurationSeconds: 300, queueAll: false },
    });
    await nextTick(line);
    expect(await line.ask(3, 4)).toMatchObject({ 3: GRANTED, 4: GRANTED });
    await controlsOf(line, { totalActiveUsers: 1 });
    await line.depart(1);
    await nextTick(line);
    expect(await line.counters()).toMatchObject({ inside: 3, cursor: 4 });
    await controlsOf(line, { totalActiveUsers: 10, sessionDurationSeconds: 60 });
    await nextTick(line);
    const expiresAtMs = clock.now() + 60_000;
    expect(await line.ask(5)).toMatchObject({ 5: { ...GRANTED, expiresAtMs } });
  });

  it("hold everyone in line: nobody is invited or let in, and no invitation lapses", async () => {
    const line = await tickedLine(5);
    await line.ask(1);
    await controlsOf(line, { queueAll: true });
    expect(await line.ask(2)).toEqual({ 2: { state: "waiting" } });
    clock.advance(200 * SECOND_MS);
    await line.tick();
    expect(await line.counters()).toMatchObject({ inside: 1, cursor: 5 });
    await controlsOf(line, { queueAll: false });
    await nextTick(line);
    expect(await line.ask(2, 3)).toMatchObject({ 2: GRANTED, 3: GRANTED });
  });

  it("open the line: rate and capacity no longer count", async () => {
    const line = await openLine({ queue: { totalActiveUsers: 1, newUsersPerMinute: 1 } });
    await line.number(10);
    await controlsOf(line, { suspended: true });
    await line.tick();
    await line.tick();
    expect(await line.counters()).toMatchObject({ cursor: 10, openInvitations: 10 });
    const grants = await line.ask(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(Object.values(grants).every(({ state }) => state === "granted")).toBe(true);
    await controlsOf(line, { suspended: false });
    expect(await line.counters()).toMatchObject({ inside: 10 });
  });

  it("are open from the beginning where the sale lets everyone through", async () => {
    const line = await openLine({ queue: { queueingMethod: "passthrough", totalActiveUsers: 1 } });
    await line.number(3);
    await line.tick();
    await line.tick();
    expect(await line.ask(1, 2, 3)).toMatchObject({ 1: GRANTED, 2: GRANTED, 3: GRANTED });
  });

  it("drain the line: nobody new gets a place, and who has one keeps it", async () => {
    const line = await openLine();
    const place = await line.join("b1");
    const lane = line.laneOf("b1");
    const again = await lane.join("b1", clock.now(), line.lanes, true);
    expect(again).toMatchObject({
      ok: true,
      first: false,
      number: (place as { number: number }).number,
    });
    expect(await line.laneOf("b2").join("b2", clock.now(), line.lanes, true)).toMatchObject({
      ok: false,
      code: "sale_ended",
    });
  });

  it("are on the board at once, with the message for everyone", async () => {
    const line = await openLine();
    const { version } = await line.board();
    await controlsOf(line, { message: "Back in five minutes.", newUsersPerMinute: 120 });
    const board = await line.board();
    expect(board.controls).toMatchObject({ message: "Back in five minutes." });
    expect(board).toMatchObject({ invitedPerSecond: 2 });
    expect(board.version).toBeGreaterThan(version);
    await controlsOf(line, { message: null });
    expect((await line.board()).controls.message).toBeNull();
  });

  it("are written down with who and why, once", async () => {
    const line = await openLine();
    await controlsOf(line, { totalActiveUsers: 7 });
    await controlsOf(line, { totalActiveUsers: 7 });
    await line.sequencer.command("pause", { actor: "u_cyd", reason: null });
    await line.sequencer.command("pause", { actor: "u_cyd", reason: null });
    const atMs = clock.now();
    expect((await line.trail()).slice(2)).toEqual([
      { v: 1, sequence: 3, atMs, ...BY, type: "adjusted", detail: { totalActiveUsers: 7 } },
      {
        v: 1,
        sequence: 4,
        atMs,
        actor: "u_cyd",
        reason: null,
        type: "commanded",
        detail: { command: "pause" },
      },
    ]);
  });

  it("of a line that was never opened are refused", async () => {
    const unknown = bindings.QUEUE_SEQUENCER.getByName(uniqueName("nowhere"));
    const refused = { ok: false, code: "not_found" };
    expect(await unknown.adjust({ totalActiveUsers: 4 }, BY)).toEqual(refused);
    expect(await unknown.revoke(1, BY)).toEqual(refused);
    expect(await unknown.head()).toBeNull();
  });
});

describe("a revoked number", () => {
  it("is not inside any more, and its place goes to the next", async () => {
    const line = await tickedLine(1);
    expect(await line.ask(1)).toMatchObject({ 1: GRANTED });
    const revoked = await line.sequencer.revoke(1, BY);
    expect(revoked).toMatchObject({ ok: true, control: { version: 2, revoked: [1] } });
    expect((await line.board()).revoked).toEqual([1]);
    expect(await line.ask(1)).toEqual({ 1: { state: "revoked" } });
    await nextTick(line);
    expect(await line.ask(2)).toMatchObject({ 2: GRANTED });
    expect(await line.counters()).toMatchObject({ inside: 1 });
  });

  it("is passed over when it was only waiting or invited", async () => {
    const line = await tickedLine(2);
    await line.sequencer.revoke(2, BY);
    await line.sequencer.revoke(3, BY);
    // The first tick passes over the third, the second invites the fourth.
    await nextTick(line);
    await nextTick(line);
    expect(await line.counters()).toMatchObject({ cursor: 4, openInvitations: 2 });
    expect(await line.ask(2, 3, 4)).toMatchObject({
      2: { state: "revoked" },
      3: { state: "revoked" },
      4: GRANTED,
    });
  });

  it("is revoked once, and has to exist", async () => {
    const line = await tickedLine(1);
    const first = await line.sequencer.revoke(1, BY);
    expect(await line.sequencer.revoke(1, BY)).toEqual(first);
    expect((await line.trail()).filter(({ type }) => type === "revoked")).toHaveLength(1);
    expect(await line.sequencer.revoke(11, BY)).toEqual({ ok: false, code: "not_found" });
  });

  it("is one of a bounded number: all of them are on the board", async () => {
    const line = await openLine();
    await line.number(REVOKED_MAX_NUMBERS + 1);
    for (let number = 1; number <= REVOKED_MAX_NUMBERS; number++)
      await line.sequencer.revoke(number, BY);
    expect(await line.sequencer.revoke(REVOKED_MAX_NUMBERS + 1, BY)).toMatchObject({
      code: "validation_failed",
    });
    const [row] = await rowsOf(line.sequencer, "SELECT count(*) AS count FROM trail");
    expect(row).toEqual({ count: REVOKED_MAX_NUMBERS + 2 });
  });
});
