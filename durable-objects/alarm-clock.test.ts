import { describe, expect, it } from "vitest";
import { AlarmClock } from "./alarm-clock.ts";

/** Storage with nothing but an alarm; notes every time that one is set. */
function storageWithAlarm(atMs: number | null) {
  const set: number[] = [];
  const storage = {
    getAlarm: () => Promise.resolve(set.at(-1) ?? atMs),
    setAlarm: (at: number) => {
      set.push(at);
      return Promise.resolve();
    },
  };
  const time = { nowMs: 100 };
  const runtime = { now: () => time.nowMs };
  return { set, time, clock: new AlarmClock(storage as unknown as DurableObjectStorage, runtime) };
}

describe("the alarm", () => {
  it("is set when there is none, and moved earlier, but never later", async () => {
    const { set, clock } = storageWithAlarm(null);
    await clock.load();
    clock.armBy(500);
    clock.armBy(500);
    clock.armBy(900);
    clock.armBy(200);
    clock.armBy(300);
    expect(set).toEqual([500, 200]);
  });

  it("of an earlier life counts: it is not written again", async () => {
    const { set, clock } = storageWithAlarm(400);
    await clock.load();
    clock.armBy(500);
    expect(set).toEqual([]);
    clock.armBy(300);
    expect(set).toEqual([300]);
  });

  it("that has fired is gone: any time may be set again", async () => {
    const { set, clock } = storageWithAlarm(400);
    await clock.load();
    clock.fired();
    clock.armBy(9_000);
    expect(set).toEqual([9_000]);
  });

  it("is never set for now or before: a handler that stored its own time would not come again", async () => {
    const { set, clock } = storageWithAlarm(100);
    await clock.load();
    clock.fired();
    clock.armBy(100);
    clock.armBy(40);
    expect(set).toEqual([101]);
  });

  it("is set anew when the stored one is long overdue: nobody will bring it", async () => {
    const { set, time, clock } = storageWithAlarm(400);
    await clock.load();
    time.nowMs = 90_400;
    clock.armBy(95_000);
    expect(set).toEqual([]);
    time.nowMs = 90_401;
    clock.armBy(95_000);
    clock.armBy(96_000);
    expect(set).toEqual([95_000]);
  });
});
