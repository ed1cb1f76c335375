import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Refusal } from "../domain/problem.ts";
import { eventually, useTestClock } from "../test/system/support/clock.ts";
import { openLine, type TestLine } from "../test/system/support/lines.ts";
import { bindings, rowsOf, uniqueName } from "../test/system/support/objects.ts";
import {
  control,
  HOUR_MS,
  level,
  NOON_MS,
  queueSettings,
  reservation,
} from "../test/system/support/samples.ts";
import type { LaneBatch, LaneReply } from "./lane-batch.ts";

const clock = useTestClock();

function batch(lane: number, joins: LaneBatch["joins"]): LaneBatch {
  return { lane, joins, claims: [], departures: [] };
}

/** Submits joins; their numbers come when a test has let the window close. */
async function waitForNumbers(line: TestLine, lane: number, joins: LaneBatch["joins"]) {
  return numbersIn(await line.sequencer.submit(batch(lane, joins)));
}

/** Submits joins, lets the window close, and returns their numbers by `laneSeq`. */
async function numbersOf(line: TestLine, lane: number, joins: LaneBatch["joins"]) {
  return line.closeWindow(() => waitForNumbers(line, lane, joins));
}

function numbersIn(reply: LaneReply | Refusal): Record<number, number> {
  if (!reply.ok) throw new Error(`Refused: ${reply.code}`);
  return Object.fromEntries(reply.numbers.map(({ laneSeq, number }) => [laneSeq, number]));
}

describe("a line", () => {
  it("is opened once: a repeat gives back the control as it stands", async () => {
    const line = await openLine();
    await line.sequencer.command("pause");
    const again = await line.sequencer.create(
      { saleId: line.saleId, queue: queueSettings({ totalActiveUsers: 1 }) },
      control({ version: 9 }),
      [level(5)],
    );
    expect(again).toEqual({ ok: true, control: control({ mode: "paused", version: 2 }) });
    expect((await line.board()).levels).toEqual([level(1_000)]);
  });

  it("that was never opened knows nothing", async () => {
    const sequencer = bindings.QUEUE_SEQUENCER.getByName(uniqueName("nothing"));
    expect(await sequencer.board()).toBeNull();
    expect(await sequencer.stats()).toBeNull();
    expect(await sequencer.command("start")).toEqual({ ok: false, code: "not_found" });
    const joins = [{ laneSeq: 1, arrivedAtMs: NOON_MS }];
    expect(await sequencer.submit(batch(0, joins))).toEqual({ ok: false, code: "not_found" });
    const report = { saleId: "x", sku: "phone", sequence: 1, level: level(5), finished: [] };
    expect(await sequencer.report(report)).toEqual({ ok: false, code: "not_found" });
  });

  it("counts what it was asked", async () => {
    const line = await openLine();
    await numbersOf(line, 0, [
      { laneSeq: 1, arrivedAtMs: NOON_MS },
      { laneSeq: 2, arrivedAtMs: NOON_MS },
    ]);
    await line.board();
    await line.sequencer.submit({ lane: 0, joins: [], claims: [1, 2, 3], departures: [] });
    const stats = await line.sequencer.stats();
    // The books may have taken the first page by now, or not yet.
    const { "admin.stats": looks, "books.acked": _, ...calls } = stats?.calls ?? {};
    expect(calls).toEqual({
      "system.create": 1,
      "lane.submit": 2,
      "lane.joins": 2,
      "lane.claims": 3,
      board: 1,
    });
    expect(looks).toBeGreaterThan(0);
    expect(stats?.commits).toBe(2);
  });
});

describe("numbers", () => {
  it("start at 1 and follow the arrival stamps inside the window, across lanes", async () => {
    const line = await openLine({ queue: { reorderWindowMs: 250 } });
    const waiting = [0, 1, 2, 3].map((lane) =>
      waitForNumbers(
        line,
        lane,
        Array.from({ length: 25 }, (_, index) => ({
          laneSeq: index + 1,
          arrivedAtMs: NOON_MS - (((index * 4 + lane) * 37) % 101),
        })),
      ),
    );
    await eventually(async () => {
      expect((await line.sequencer.stats())?.calls["lane.joins"]).toBe(100);
    });
    clock.advance(251);
    await Promise.all(waiting);
    const rows = await rowsOf<{ stamp_ms: number; number: number }>(
      line.sequencer,
      "SELECT stamp_ms, number FROM place ORDER BY number",
    );
    expect(rows.map((row) => row.number)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
    const stamps = rows.map((row) => row.stamp_ms);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
    expect(new Set(stamps).size).toBe(100);
  });

  it("wait for the window: nobody is numbered before those who may still come before", async () => {
    const line = await openLine({ queue: { reorderWindowMs: 250 } });
    const late = waitForNumbers(line, 0, [{ laneSeq: 1, arrivedAtMs: NOON_MS }]);
    await eventually(async () => {
      expect((await line.sequencer.stats())?.calls["lane.joins"]).toBe(1);
    });
    clock.advance(200);
    const early = waitForNumbers(line, 1, [{ laneSeq: 1, arrivedAtMs: NOON_MS - 10 }]);
    await eventually(async () => {
      expect((await line.sequencer.stats())?.calls["lane.joins"]).toBe(2);
    });
    clock.advance(40);
    expect((await line.counters()).lastNumber).toBe(0);
    clock.advance(1);
    expect(await early).toEqual({ 1: 1 });
    expect((await line.counters()).lastNumber).toBe(1);
    clock.advance(10);
    expect(await late).toEqual({ 1: 2 });
  });

  it("are given once to a join, however its resends are grouped", async () => {
    const line = await openLine();
    const [one, two, three] = [1, 2, 3].map((laneSeq) => ({ laneSeq, arrivedAtMs: NOON_MS }));
    if (!one || !two || !three) throw new Error("Three joins.");
    const first = await numbersOf(line, 0, [one, two]);
    expect(await numbersOf(line, 0, [two])).toEqual({ 2: first[2] });
    expect(await numbersOf(line, 0, [three, one, one, two])).toEqual({ ...first, 3: 3 });
    const together = await Promise.all([numbersOf(line, 1, [one]), numbersOf(line, 1, [one])]);
    expect(together).toEqual([{ 1: 4 }, { 1: 4 }]);
    expect((await line.counters()).lastNumber).toBe(4);
  });

  it("are told to come back when more wait than can be held", async () => {
    const line = await openLine({ queue: { reorderWindowMs: 250 } });
    const joins = Array.from({ length: 50_001 }, (_, laneSeq) => ({ laneSeq, arrivedAtMs: 0 }));
    expect(await line.sequencer.submit(batch(0, joins))).toEqual({
      ok: false,
      code: "busy",
      retryAfterSeconds: 1,
    });
  });

  it("are not lost by a commit that fails: the join fails and may come again", async () => {
    const line = await openLine();
    await rowsOf(line.sequencer, "ALTER TABLE place RENAME TO hidden");
    const failed = await line.closeWindow(() =>
      runInDurableObject(line.sequencer, (object) =>
        Promise.allSettled([object.submit(batch(0, [{ laneSeq: 1, arrivedAtMs: NOON_MS }]))]),
      ),
    );
    expect(failed).toMatchObject([{ status: "rejected" }]);
    await rowsOf(line.sequencer, "ALTER TABLE hidden RENAME TO place");
    expect(await numbersOf(line, 0, [{ laneSeq: 1, arrivedAtMs: NOON_MS }])).toEqual({ 1: 1 });
  });
});

describe("an admin's command", () => {
  it("starts, pauses, resumes and ends the sale; each change is a newer version", async () => {
    const line = await openLine({ control: { mode: "draft", startsAtMs: NOON_MS + HOUR_MS / 2 } });
    expect((await line.board()).state).toBe("draft");
    const started = await line.sequencer.command("start");
    expect(started).toMatchObject({ control: { mode: "open", startsAtMs: NOON_MS, version: 2 } });
    expect((await line.board()).state).toBe("active");
    expect(await line.sequencer.command("start")).toEqual(started);
    expect(await line.sequencer.command("pause")).toMatchObject({ control: { version: 3 } });
    expect((await line.board()).state).toBe("paused");
    expect(await line.sequencer.command("start")).toEqual({
      ok: false,
      code: "order_state_conflict",
      detail: "The sale cannot start now.",
    });
    expect(await line.sequencer.command("resume")).toMatchObject({ control: { version: 4 } });
    clock.advance(1_000);
    expect(await line.sequencer.command("end")).toMatchObject({
      control: { mode: "ended", endsAtMs: NOON_MS + 1_000, version: 5 },
    });
    expect((await line.board()).state).toBe("ended");
    expect(await line.sequencer.command("resume")).toMatchObject({ code: "order_state_conflict" });
  });
});

describe("the board", () => {
  it("says what everyone may know, as of now", async () => {
    const line = await openLine({ levels: [level(7, 2, 1, "a"), level(3, 0, 0, "b")] });
    expect(await line.board()).toEqual({
      saleId: line.saleId,
      state: "active",
      endingSoon: false,
      mode: "open",
      prequeueStartsAtMs: null,
      startsAtMs: NOON_MS - HOUR_MS,
      endsAtMs: NOON_MS + HOUR_MS,
      cursor: 0,
      lastNumber: 0,
      invitedPerSecond: 1_000,
      flow: { perSecond: 1_000, staySeconds: null, spread: 0, known: 0 },
      levels: [level(7, 2, 1, "a"), level(3, 0, 0, "b")],
      shuffle: null,
      controls: {
        newUsersPerMinute: 60_000,
        totalActiveUsers: expect.any(Number) as number,
        sessionDurationSeconds: 300,
        disableSessionRenewal: false,
        queueAll: false,
        suspended: false,
        draining: false,
        message: null,
      },
      revoked: [],
      version: expect.any(Number) as number,
      asOfMs: NOON_MS,
    });
  });

  it("judges start and end by the clock, without any alarm", async () => {
    const line = await openLine({
      control: { startsAtMs: NOON_MS + 1_000, endsAtMs: NOON_MS + 400_000 },
      queue: { prequeueStartsAtMs: NOON_MS + 500 },
    });
    const seen: [string, boolean][] = [];
    for (const advanceMs of [0, 500, 500, 99_000, 1, 300_000]) {
      clock.advance(advanceMs);
      const board = await line.board();
      seen.push([board.state, board.endingSoon]);
    }
    expect(seen).toEqual([
      ["scheduled", false],
      ["prequeue", false],
      ["active", false],
      ["active", true],
      ["active", true],
      ["ended", false],
    ]);
  });

  it("has a newer version after every change of the line, its control or its levels", async () => {
    const line = await openLine();
    const report = { saleId: line.saleId, sku: "phone", level: level(1_000, 1), finished: [] };
    const versions = [(await line.board()).version];
    for (const change of [
      () => numbersOf(line, 0, [{ laneSeq: 1, arrivedAtMs: NOON_MS }]),
      () => line.sequencer.command("pause"),
      () => line.sequencer.report({ ...report, sequence: 5 }),
    ]) {
      await change();
      versions.push((await line.board()).version);
    }
    await line.sequencer.report({ ...report, sequence: 4 });
    expect((await line.board()).version).toBe(versions[3]);
    expect(new Set(versions).size).toBe(4);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
  });
});

describe("more callers than one object can serve", () => {
  it("are told to come back: commands, reports and claims alike", async () => {
    const line = await openLine();
    const { saleId } = line;
    const refused = await runInDurableObject(line.sequencer, async (object) => {
      const report = { saleId, sku: "phone", sequence: 1, level: level(1_000), finished: [] };
      const crowd = Array.from({ length: 5_000 }, () => object.report(report));
      const late = [
        object.report(report),
        object.command("pause"),
        object.submit({ lane: 0, joins: [], claims: [1], departures: [] }),
      ];
      await Promise.all(crowd);
      return Promise.all(late);
    });
    const busy = { ok: false, code: "busy", retryAfterSeconds: 1 };
    expect(refused).toEqual([busy, busy, busy]);
    expect((await line.board()).state).toBe("active");
  });
});

describe("a command that throws", () => {
  it("fails alone: its neighbours in the commit stand", async () => {
    const line = await openLine();
    const report = { saleId: line.saleId, sku: "phone", level: level(1_000, 1), finished: [] };
    const outcomes = await runInDurableObject(line.sequencer, (object) =>
      Promise.allSettled([
        object.report({ ...report, sequence: 0.5 }),
        object.command("pause"),
        object.report({ ...report, sequence: 1 }),
      ]),
    );
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(await line.board()).toMatchObject({ state: "paused", levels: [level(1_000, 1)] });
  });
});

describe("an item's report", () => {
  const reportOf = (line: TestLine, sequence: number, stock: ReturnType<typeof level>) => ({
    saleId: line.saleId,
    sku: stock.sku,
    sequence,
    level: stock,
    finished: [],
  });

  it("brings its counters; the latest wins, whatever the order in which they come", async () => {
    const line = await openLine();
    await line.sequencer.report(reportOf(line, 5, level(1_000, 4, 1)));
    await line.sequencer.report(reportOf(line, 3, level(1_000, 2, 0)));
    await line.sequencer.report(reportOf(line, 5, level(1_000, 9, 9)));
    expect((await line.board()).levels).toEqual([level(1_000, 4, 1)]);
    await line.sequencer.report(reportOf(line, 6, level(1_000, 0, 1_000)));
    expect((await line.board()).state).toBe("sold_out");
    await line.sequencer.report(reportOf(line, 7, level(1_001, 0, 1_000)));
    expect((await line.board()).state).toBe("active");
  });

  it("brings who waits; where the ledger stands still, the newest list wins", async () => {
    const line = await openLine();
    const sold = level(5, 2, 3);
    const told = (sequence: number, version: number, waiting: number) =>
      line.sequencer.report({
        ...reportOf(line, sequence, sold),
        list: { version, waiting, offered: [waiting] },
      });
    await told(5, 2, 20);
    const { version } = await line.board();
    await told(5, 1, 10);
    await told(4, 9, 90);
    expect((await line.board()).levels).toEqual([{ ...sold, waiting: 20, offered: [20] }]);
    expect((await line.board()).version).toBe(version);
    await told(5, 3, 30);
    expect((await line.board()).levels).toEqual([{ ...sold, waiting: 30, offered: [30] }]);
    expect((await line.board()).version).toBeGreaterThan(version);
    await line.sequencer.report(reportOf(line, 6, sold));
    expect((await line.board()).levels).toEqual([sold]);
  });

  it("is answered with the sale's control", async () => {
    const line = await openLine();
    await line.sequencer.command("pause");
    expect(await line.sequencer.report(reportOf(line, 1, level(1_000)))).toEqual({
      ok: true,
      control: control({ mode: "paused", version: 2 }),
    });
  });

  it("comes from a real item by itself, with the number that bought", async () => {
    const line = await openLine({ levels: [] });
    const sku = bindings.SKU.getByName(uniqueName("reporting"));
    const price = { amount: 100, currency: "EUR" };
    const terms = { saleId: line.saleId, sku: "reporting", price, perShopper: 2, holdSeconds: 120 };
    await sku.create(terms, control(), 10);
    await sku.reserve(reservation("ada", { quantity: 2 }));
    await eventually(async () => {
      const reporting = { ...level(10, 2, 0, "reporting"), waiting: 0, offered: [] };
      expect((await line.board()).levels).toEqual([reporting]);
    });
  });
});
