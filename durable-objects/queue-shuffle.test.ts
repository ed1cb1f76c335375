import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../domain/hash.ts";
import { drawnNumber, ROUND_MS, type Shuffle } from "../domain/queue/shuffle.ts";
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

async function drawOf(line: TestLine): Promise<Shuffle> {
  const { shuffle } = await line.board();
  if (!shuffle || shuffle.ends.length === 0) throw new Error("Nothing has been drawn.");
  return shuffle;
}

function numbersBy(shuffle: Shuffle, indexes: number[]): number[] {
  return indexes.map((index) => drawnNumber(index, shuffle) ?? 0);
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
    expect(before).toEqual({
      seedHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      seed: null,
      ends: [],
      closed: null,
      drawsMax: 1,
      nextDrawAtMs: null,
      publicRandomness: null,
    });
    clock.set(STARTS_AT_MS);
    const after = (await line.board()).shuffle;
    expect(after?.ends).toEqual([3]);
    expect(sha256Hex(after?.seed ?? "")).toBe(before?.seedHash);
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
    expect(draw.ends).toEqual([2]);
    expect(new Set(numbersBy(draw, [1, 2]))).toEqual(new Set([1, 2]));
    expect(numbersBy(draw, [3, 4])).toEqual([3, 4]);
  });

  it("starts by the alarm when nobody comes", async () => {
    const line = await openShuffled();
    await line.joinInOrder("ann");
    clock.set(STARTS_AT_MS);
    await runDurableObjectAlarm(line.sequencer);
    const [sale] = await rowsOf<{ shuffle: string }>(line.sequencer, "SELECT shuffle FROM sale");
    expect(JSON.parse(sale?.shuffle ?? "")).toMatchObject({ ends: [1] });
  });

  it("starts by an admin's command, once: the draw stays when the clock goes back", async () => {
    const line = await openShuffled({ control: { startsAtMs: NOON_MS + HOUR_MS } });
    await line.joinInOrder("ann", "bob");
    await line.sequencer.command("start");
    const draw = await drawOf(line);
    expect(draw.ends).toEqual([2]);
    clock.advance(-1_000);
    expect(await line.joinInOrder("late")).toEqual([3]);
    expect(await drawOf(line)).toEqual(draw);
  });

  it("does not start a draft, whatever the time", async () => {
    const line = await openShuffled({ control: { mode: "draft", startsAtMs: NOON_MS - 1 } });
    expect((await line.board()).shuffle?.ends).toEqual([]);
    await line.sequencer.command("start");
    expect((await drawOf(line)).ends).toEqual([0]);
  });

  it("writes one row at the start, for the draw and for its seed, however many entered", async () => {
    const line = await openShuffled();
    await line.number(500);
    const rows = () => rowsOf(line.sequencer, "SELECT lane, lane_seq, number FROM place");
    const before = await rows();
    const { version } = await line.board();
    clock.set(STARTS_AT_MS);
    expect((await line.board()).version).toBe(version + 2);
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
    const present = numbersBy(
      draw,
      Array.from({ length: 40 }, (_, at) => at + 61),
    );
    const tenth = present.toSorted((a, b) => a - b)[9];
    const { cursor, openInvitations } = await line.counters();
    expect(cursor).toBeGreaterThanOrEqual(tenth ?? 0);
    expect(openInvitations).toBeGreaterThanOrEqual(10);
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

describe("places by lot, in rounds", () => {
  function openRandom(options: LineOptions = {}): Promise<TestLine> {
    return openLine({
      ...options,
      queue: { queueingMethod: "random", ...options.queue },
      control: { startsAtMs: NOON_MS, ...options.control },
    });
  }

  it("gives no number before the round is drawn, and then each of the round one of its numbers", async () => {
    const line = await openRandom();
    expect(await line.joinInOrder("ann", "bob", "cem")).toEqual([1, 2, 3]);
    expect((await line.board()).shuffle).toMatchObject({
      ends: [0],
      nextDrawAtMs: NOON_MS + ROUND_MS,
    });
    expect(await line.ask(1, 2, 3)).toMatchObject({ 1: { state: "waiting" } });
    await tick(line, 4);
    expect((await line.counters()).cursor).toBe(0);
    clock.set(NOON_MS + ROUND_MS);
    const drawn = await drawOf(line);
    expect(drawn.ends).toEqual([0, 3]);
    expect(new Set(numbersBy(drawn, [1, 2, 3]))).toEqual(new Set([1, 2, 3]));
    await tick(line, 2);
    expect(await line.ask(1, 2, 3)).toMatchObject({ 3: { state: "granted" } });
  });

  it("draws who comes in the next round behind all of this one, by the next seed of the chain", async () => {
    const line = await openRandom();
    const { seedHash } = (await line.board()).shuffle ?? {};
    await line.joinInOrder("ann", "bob");
    clock.set(NOON_MS + ROUND_MS);
    // No board, no alarm: the join itself finds that the round is over.
    await line.joinInOrder("late", "later", "latest");
    const first = await drawOf(line);
    expect(first.ends).toEqual([0, 2]);
    expect(numbersBy(first, [3, 4, 5])).toEqual([0, 0, 0]);
    clock.set(NOON_MS + 2 * ROUND_MS);
    const second = await drawOf(line);
    expect(second.ends).toEqual([0, 2, 5]);
    expect(numbersBy(second, [1, 2])).toEqual(numbersBy(first, [1, 2]));
    expect(new Set(numbersBy(second, [3, 4, 5]))).toEqual(new Set([3, 4, 5]));
    expect(sha256Hex(second.seed ?? "")).toBe(first.seed);
    expect(second.ends.reduce((hash) => sha256Hex(hash), second.seed ?? "")).toBe(seedHash);
  });

  it("draws nothing in a round in which nobody came", async () => {
    const line = await openRandom();
    await line.joinInOrder("ann");
    for (const rounds of [1, 2, 3]) {
      clock.set(NOON_MS + rounds * ROUND_MS);
      expect((await drawOf(line)).ends).toEqual([0, 1]);
    }
    expect((await drawOf(line)).nextDrawAtMs).toBe(NOON_MS + 4 * ROUND_MS);
  });

  it("draws who came before the start at the start", async () => {
    const line = await openRandom({
      queue: { prequeueStartsAtMs: NOON_MS - HOUR_MS },
      control: { startsAtMs: STARTS_AT_MS },
    });
    await line.joinInOrder("ann", "bob");
    clock.set(STARTS_AT_MS);
    const drawn = await drawOf(line);
    expect([drawn.ends, drawn.nextDrawAtMs]).toEqual([[2], STARTS_AT_MS + ROUND_MS]);
  });

  it("leaves the hole of who left before the draw, and takes nobody back who has no number", async () => {
    const line = await openRandom();
    await line.joinInOrder("ann", "bob");
    expect(placed(await line.leave("ann", 1)).state).toBe("left");
    expect(await line.sequencer.revoke(1)).toMatchObject({ ok: false, code: "not_found" });
    clock.set(NOON_MS + ROUND_MS);
    const drawn = await drawOf(line);
    await tick(line, 2);
    const rows = await rowsOf(line.sequencer, "SELECT number, ended FROM claim");
    expect(rows).toEqual([{ number: drawnNumber(1, drawn), ended: "left" }]);
    expect((await line.counters()).openInvitations).toBe(1);
  });
});
