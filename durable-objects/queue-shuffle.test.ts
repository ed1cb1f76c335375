import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../domain/hash.ts";
import { drawnNumber, type Draw } from "../domain/queue/shuffle.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { openLine, placed, type LineOptions, type TestLine } from "../test/system/support/lines.ts";
import { rowsOf } from "../test/system/support/objects.ts";
import { HOUR_MS, level, NOON_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();
const STARTS_AT_MS = NOON_MS + 1_000;

/** The line of a sale that starts in a second and may be entered before. */
function openShuffled(options: LineOptions = {}): Promise<TestLine> {
  return openLine({
    ...options,
    queue: { prequeueStartsAtMs: NOON_MS - HOUR_MS, shuffleAtStart: true, ...options.queue },
    control: { startsAtMs: STARTS_AT_MS, ...options.control },
  });
}

async function drawOf(line: TestLine): Promise<Draw> {
  const draw = (await line.board()).shuffle?.draw;
  if (!draw) throw new Error("The sale has not started.");
  return draw;
}

/** So many ticks, two a second: fewer than an invitation lasts. */
async function tick(line: TestLine, ticks: number): Promise<void> {
  for (let done = 0; done < ticks; done++) {
    clock.advance(500);
    await line.tick();
  }
}

describe("early entry with a shuffle", () => {
  it("promises the seed by its hash, and shows it once the sale has started", async () => {
    const line = await openShuffled();
    await line.joinInOrder("ann", "bob", "cem");
    const before = (await line.board()).shuffle;
    expect(before).toEqual({ seedHash: expect.stringMatching(/^[0-9a-f]{64}$/), draw: null });
    clock.set(STARTS_AT_MS);
    const after = (await line.board()).shuffle;
    expect(after?.draw?.count).toBe(3);
    expect(sha256Hex(after?.draw?.seed ?? "")).toBe(before?.seedHash);
    expect(after?.seedHash).toBe(before?.seedHash);
  });

  it("has another seed for every sale, and none without a shuffle", async () => {
    const [one, two] = [await openShuffled(), await openShuffled()];
    expect((await one.board()).shuffle?.seedHash).not.toBe((await two.board()).shuffle?.seedHash);
    expect((await (await openLine()).board()).shuffle).toBeNull();
  });

  it("parts those before the start from those after it, whatever comes first after the start", async () => {
    const line = await openShuffled();
    expect(await line.joinInOrder("ann", "bob")).toEqual([1, 2]);
    // No board, no alarm: the next join itself finds that the sale has started.
    clock.set(STARTS_AT_MS);
    expect(await line.joinInOrder("late", "later")).toEqual([3, 4]);
    const draw = await drawOf(line);
    expect(draw.count).toBe(2);
    expect(new Set([1, 2].map((index) => drawnNumber(index, draw)))).toEqual(new Set([1, 2]));
    expect([3, 4].map((index) => drawnNumber(index, draw))).toEqual([3, 4]);
  });

  it("starts by the alarm when nobody comes", async () => {
    const line = await openShuffled();
    await line.joinInOrder("ann");
    clock.set(STARTS_AT_MS);
    await runDurableObjectAlarm(line.sequencer);
    const [sale] = await rowsOf<{ shuffle: string }>(line.sequencer, "SELECT shuffle FROM sale");
    expect(JSON.parse(sale?.shuffle ?? "")).toMatchObject({ count: 1 });
  });

  it("starts by an admin's command, once: the draw stays when the clock goes back", async () => {
    const line = await openShuffled({ control: { startsAtMs: NOON_MS + HOUR_MS } });
    await line.joinInOrder("ann", "bob");
    await line.sequencer.command("start");
    const draw = await drawOf(line);
    expect(draw.count).toBe(2);
    clock.advance(-1_000);
    expect(await line.joinInOrder("late")).toEqual([3]);
    expect(await drawOf(line)).toEqual(draw);
  });

  it("does not start a draft, whatever the time", async () => {
    const line = await openShuffled({ control: { mode: "draft", startsAtMs: NOON_MS - 1 } });
    expect((await line.board()).shuffle?.draw).toBeNull();
    await line.sequencer.command("start");
    expect((await drawOf(line)).count).toBe(0);
  });

  it("costs one row at the start, however many entered", async () => {
    const line = await openShuffled();
    await line.number(500);
    const rows = () => rowsOf(line.sequencer, "SELECT lane, lane_seq, number FROM place");
    const before = await rows();
    const { version } = await line.board();
    clock.set(STARTS_AT_MS);
    expect((await line.board()).version).toBe(version + 1);
    expect(await rows()).toEqual(before);
  });

  it("admits by the drawn number: lanes know their shoppers by the index", async () => {
    const line = await openShuffled({ queue: { totalActiveUsers: 1 } });
    await line.number(100);
    expect(await line.ask(1)).toEqual({ 1: { state: "waiting" } });
    clock.set(STARTS_AT_MS);
    const draw = await drawOf(line);
    await tick(line, 2);
    const indexes = Array.from({ length: 100 }, (_, at) => at + 1);
    const first = indexes.find((index) => drawnNumber(index, draw) === 1);
    const grants = await line.ask(...indexes);
    const granted = indexes.filter((index) => grants[index]?.state === "granted");
    expect(granted).toEqual([first]);
    const claims = await rowsOf(line.sequencer, "SELECT number FROM claim");
    expect(claims).toEqual([{ number: 1 }]);
  });

  it("lets a lane's early entrant claim under the index", async () => {
    const line = await openShuffled();
    await line.joinInOrder("ann", "bob", "cem");
    clock.set(STARTS_AT_MS);
    await tick(line, 4);
    for (const [at, shopper] of ["ann", "bob", "cem"].entries())
      expect(placed(await line.claim(shopper, at + 1))).toMatchObject({
        number: at + 1,
        state: "granted",
      });
  });

  it("passes over the holes of those who left early: no capacity is lost", async () => {
    const line = await openShuffled({ queue: { totalActiveUsers: 10 } });
    await line.number(100);
    const left = Array.from({ length: 60 }, (_, at) => at + 1);
    await line.depart(...left);
    await line.depart(...left);
    clock.set(STARTS_AT_MS);
    const draw = await drawOf(line);
    await tick(line, 20);
    const present = Array.from({ length: 40 }, (_, at) => drawnNumber(at + 61, draw));
    const tenth = present.toSorted((a, b) => a - b)[9];
    expect(await line.counters()).toMatchObject({ cursor: tenth, openInvitations: 10 });
  });

  it("gives who left early and comes back a new early index, and no number to who is gone", async () => {
    const line = await openShuffled();
    await line.joinInOrder("ann", "bob");
    expect(placed(await line.leave("ann", 1)).state).toBe("left");
    expect(await line.joinInOrder("ann")).toEqual([3]);
    clock.set(STARTS_AT_MS);
    const draw = await drawOf(line);
    await tick(line, 4);
    const rows = await rowsOf(line.sequencer, "SELECT number, ended FROM claim");
    expect(rows).toEqual([{ number: drawnNumber(1, draw), ended: "left" }]);
  });

  it("takes the departure of an early entrant who leaves after the start by number", async () => {
    const line = await openShuffled({ levels: [level(1_000)] });
    await line.joinInOrder("ann", "bob", "cem");
    clock.set(STARTS_AT_MS);
    const draw = await drawOf(line);
    await line.leave("cem", 3);
    await line.depart(3);
    const rows = await rowsOf(line.sequencer, "SELECT number, ended FROM claim");
    expect(rows).toEqual([{ number: drawnNumber(3, draw), ended: "left" }]);
  });
});
