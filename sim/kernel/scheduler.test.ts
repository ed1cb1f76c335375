import { describe, expect, it } from "vitest";
import { Scheduler } from "./scheduler.ts";

const START_MS = 1_000;

async function runAll(scheduler: Scheduler): Promise<void> {
  while (await scheduler.step());
}

describe("the scheduler", () => {
  it("runs events by time, and those of one time in the order they were scheduled", async () => {
    const scheduler = new Scheduler(START_MS);
    const ran: string[] = [];
    const delays = [50, 10, 30, 10, 0, 50, 20, 10];
    for (const [index, delayUs] of delays.entries())
      scheduler.schedule(delayUs, () => ran.push(`${delayUs}#${index}`));
    await runAll(scheduler);
    expect(ran).toEqual(["0#4", "10#1", "10#3", "10#7", "20#6", "30#2", "50#0", "50#5"]);
  });

  it("moves time to each event and never back", async () => {
    const scheduler = new Scheduler(START_MS);
    const times: number[] = [];
    const note = (): void => void times.push(scheduler.nowUs - START_MS * 1000);
    scheduler.schedule(40, () => {
      note();
      scheduler.schedule(-10, note);
    });
    scheduler.schedule(15.4, note);
    await runAll(scheduler);
    expect(times).toEqual([15, 40, 40]);
    expect(scheduler.steps).toBe(3);
  });

  it("skips what was cancelled, also at the head of the queue", async () => {
    const scheduler = new Scheduler(START_MS);
    const ran: string[] = [];
    const first = scheduler.schedule(1, () => ran.push("first"));
    scheduler.schedule(2, () => ran.push("second"));
    first.cancelled = true;
    expect(scheduler.nextAtUs()).toBe(START_MS * 1000 + 2);
    await runAll(scheduler);
    expect(ran).toEqual(["second"]);
    expect(scheduler.nextAtUs()).toBeNull();
  });

  it("ends a turn when its microtasks are done, before the next event", async () => {
    const scheduler = new Scheduler(START_MS);
    const ran: string[] = [];
    scheduler.schedule(0, () => {
      scheduler.atTurnEnd(() => ran.push("turn ends"));
      void (async () => {
        for (let waits = 0; waits < 10; waits++) await Promise.resolve();
        ran.push("after ten awaits");
      })();
    });
    scheduler.schedule(0, () => ran.push("next event"));
    await runAll(scheduler);
    expect(ran).toEqual(["after ten awaits", "turn ends", "next event"]);
  });
});
