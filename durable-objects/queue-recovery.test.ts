import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { eventually, useTestClock } from "../test/system/support/clock.ts";
import { openLine, placed, type TestLine } from "../test/system/support/lines.ts";
import { alarmOf, rowsOf } from "../test/system/support/objects.ts";
import { NOON_MS, SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();

const WINDOW_MS = 250;
const RESEND_MS = 5_000;
const FORTY = Array.from({ length: 40 }, (_, index) => `shopper-${index}`);

/** A line whose shoppers have all been stored by their lanes and wait for the window to close. */
async function lineWithJoinsInFlight() {
  const line = await openLine({ queue: { reorderWindowMs: WINDOW_MS } });
  const answers = Promise.allSettled(FORTY.map((binding) => line.joinAndWait(binding, NOON_MS)));
  await eventually(async () => {
    expect((await line.sequencer.stats())?.calls["lane.joins"]).toBe(FORTY.length);
  });
  return { line, answers };
}

/** Joins everyone again; their numbers. */
async function joinAgain(line: TestLine): Promise<number[]> {
  const answers = Promise.all(FORTY.map((binding) => line.joinAndWait(binding)));
  await eventually(async () => {
    clock.advance(WINDOW_MS);
    expect(await pendingOf(line)).toBe(0);
  });
  return (await answers).map((answer) => placed(answer).number);
}

async function pendingOf(line: TestLine): Promise<number> {
  let pending = 0;
  for (let lane = 0; lane < line.lanes; lane++) {
    const query = "SELECT 1 FROM waiting, json_each(waiting.joins)";
    pending += (await rowsOf(line.lane(lane), query)).length;
  }
  return pending;
}

async function numbersGiven(line: TestLine): Promise<number[]> {
  const query = "SELECT number FROM place ORDER BY number";
  const rows = await rowsOf<{ number: number }>(line.sequencer, query);
  return rows.map((row) => row.number);
}

describe("joins whose objects were lost before they were numbered", () => {
  it("are one place each when their shoppers join again", async () => {
    const { line, answers } = await lineWithJoinsInFlight();
    await abortAllDurableObjects();
    expect((await answers).map((answer) => answer.status)).toEqual(FORTY.map(() => "rejected"));
    expect(await pendingOf(line)).toBe(40);
    expect(await line.claim("shopper-0", 1)).toMatchObject({ ok: false, code: "busy" });
    const numbers = await joinAgain(line);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(FORTY.map((_, index) => index + 1));
    expect(await numbersGiven(line)).toEqual(FORTY.map((_, index) => index + 1));
    expect(await joinAgain(line)).toEqual(numbers);
  });

  it("keep the arrival that was stored first", async () => {
    const { line, answers } = await lineWithJoinsInFlight();
    await abortAllDurableObjects();
    await answers;
    clock.advance(60 * SECOND_MS);
    await joinAgain(line);
    expect(placed(await line.join("shopper-7")).arrivedAtMs).toBe(NOON_MS);
  });

  it("are sent again by the lanes' alarms, without any shopper", async () => {
    const { line, answers } = await lineWithJoinsInFlight();
    expect(await alarmOf(line.laneOf("shopper-0"))).toBe(NOON_MS + RESEND_MS);
    await abortAllDurableObjects();
    await answers;
    clock.advance(RESEND_MS);
    const alarms = Promise.all(
      Array.from({ length: line.lanes }, (_, lane) => runDurableObjectAlarm(line.lane(lane))),
    );
    await eventually(async () => {
      clock.advance(WINDOW_MS);
      expect(await pendingOf(line)).toBe(0);
    });
    expect(await alarms).toEqual(Array.from({ length: line.lanes }, () => true));
    expect(await numbersGiven(line)).toEqual(FORTY.map((_, index) => index + 1));
    const numbers = await joinAgain(line);
    expect(new Set(numbers).size).toBe(40);
  });
});

describe("joins that were numbered and whose answer was lost", () => {
  it("get the number that they had", async () => {
    const line = await openLine();
    const before = await line.joinInOrder("ada", "bob", "cyd");
    await abortAllDurableObjects();
    for (const binding of ["ada", "bob", "cyd"])
      await rowsOf(
        line.laneOf(binding),
        `INSERT OR IGNORE INTO waiting
           SELECT lane_seq, json_array(json_array(lane_seq, arrived_at_ms, binding)) FROM place;
         DELETE FROM place`,
      );
    const again = await line.joinInOrder("cyd", "bob", "ada");
    expect(again.toReversed()).toEqual(before);
    expect(await numbersGiven(line)).toEqual([1, 2, 3]);
  });

  it("are left alone by the alarm while their answer is on its way", async () => {
    const { line, answers } = await lineWithJoinsInFlight();
    const submits = async () => (await line.sequencer.stats())?.calls["lane.submit"];
    const before = await submits();
    for (let lane = 0; lane < line.lanes; lane++) await runDurableObjectAlarm(line.lane(lane));
    expect(await submits()).toBe(before);
    clock.advance(WINDOW_MS + 1);
    expect((await answers).every((answer) => answer.status === "fulfilled")).toBe(true);
  });

  it("leave the alarm nothing to do once they are stored", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    expect(await runDurableObjectAlarm(line.lane(0))).toBe(true);
    expect(await runDurableObjectAlarm(line.lane(0))).toBe(false);
    expect((await line.sequencer.stats())?.calls["lane.submit"]).toBe(1);
  });
});

describe("a departure of which the sequencer did not hear", () => {
  it("is told again by the lane's alarm, until it is known", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    await line.tick();
    await line.claim("ada", 1);
    await rowsOf(line.sequencer, "ALTER TABLE claim RENAME TO hidden");
    const lost = await runInDurableObject(line.lane(0), (lane) =>
      Promise.allSettled([lane.leave("ada", 1)]),
    );
    expect(lost).toMatchObject([{ status: "rejected" }]);
    await rowsOf(line.sequencer, "ALTER TABLE hidden RENAME TO claim");
    expect(await line.claim("ada", 1)).toMatchObject({ state: "left" });
    expect(await line.counters()).toMatchObject({ inside: 1 });

    expect(await runDurableObjectAlarm(line.lane(0))).toBe(true);
    expect(await line.counters()).toMatchObject({ inside: 0 });
    await runDurableObjectAlarm(line.lane(0));
    expect(await runDurableObjectAlarm(line.lane(0))).toBe(false);
  });
});

describe("a departure that is not known when its shopper joins again", () => {
  it("is told before there is another place", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    await line.tick();
    await line.claim("ada", 1);
    await rowsOf(line.sequencer, "ALTER TABLE claim RENAME TO hidden");
    for (const lost of ["leave", "join"] as const) {
      const outcome = await runInDurableObject(line.lane(0), (lane) =>
        Promise.allSettled([
          lost === "leave" ? lane.leave("ada", 1) : lane.join("ada", NOON_MS, 1),
        ]),
      );
      expect(outcome, lost).toMatchObject([{ status: "rejected" }]);
    }
    await rowsOf(line.sequencer, "ALTER TABLE hidden RENAME TO claim");
    expect(await line.counters()).toMatchObject({ inside: 1 });
    expect(placed(await line.join("ada"))).toMatchObject({ number: 2, state: "placed" });
    expect(await line.counters()).toMatchObject({ inside: 0 });
  });
});

describe("a line whose objects were all lost", () => {
  it("has everything that was answered: numbers, cursor, claims, control, counters", async () => {
    const line = await openLine({ queue: { totalActiveUsers: 2 } });
    const numbers = await line.joinInOrder("ada", "bob", "cyd");
    await line.tick();
    const claim = await line.claim("ada", numbers[0] ?? 0);
    await line.sequencer.command("pause");
    const [counters, board] = [await line.counters(), await line.board()];
    await abortAllDurableObjects();

    expect(await line.counters()).toEqual(counters);
    expect(await line.board()).toEqual({ ...board, asOfMs: clock.now() });
    expect(await line.claim("ada", numbers[0] ?? 0)).toEqual(claim);
    expect(await line.joinInOrder("cyd", "bob", "ada")).toEqual(numbers.toReversed());
    expect(await line.join("dan")).toMatchObject({ first: true, number: 4 });
  });

  it("goes on by its alarm: invitations come without any call", async () => {
    const line = await openLine();
    await line.number(5);
    await abortAllDurableObjects();
    clock.advance(5 * SECOND_MS);
    await line.tick();
    expect((await line.counters()).cursor).toBe(5);
  });

  it("grants a claim again that was granted and whose answer was lost, with the same times", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    await line.tick();
    const granted = await line.claim("ada", 1);
    await abortAllDurableObjects();
    await rowsOf(
      line.lane(0),
      "UPDATE place SET state = 'placed', claimed_at_ms = NULL, expires_at_ms = NULL",
    );
    clock.advance(10 * SECOND_MS);
    expect(await line.claim("ada", 1)).toEqual(granted);
    expect(await line.counters()).toMatchObject({ inside: 1 });
  });
});
