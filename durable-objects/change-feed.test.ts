import { beforeEach, describe, expect, it } from "vitest";
import { ManualRuntime } from "../test/system/support/manual-runtime.ts";
import { NOON_MS } from "../test/system/support/samples.ts";
import { ChangeFeed, TELL_EVERY_MS } from "./change-feed.ts";

const LATER_MS = NOON_MS + 20_000;

let runtime: ManualRuntime;
let feed: ChangeFeed;
let answers: { watcher: number; atMs: number }[];

beforeEach(() => {
  runtime = new ManualRuntime();
  feed = new ChangeFeed(runtime);
  answers = [];
});

/** Lets a watcher wait; its answer is noted with its time since noon. */
function wait(watcher: number, edition: number, untilMs = LATER_MS): Promise<void> {
  return feed.wait(`${watcher}`, edition, untilMs).then(() => {
    answers.push({ watcher, atMs: runtime.now() - NOON_MS });
  });
}

describe("a call that waits for a change", () => {
  it("is answered at once when there was one, else when it comes", async () => {
    feed.changed(3);
    void wait(1, 2);
    void wait(2, 3);
    await runtime.advance(1_000);
    expect(answers).toEqual([{ watcher: 1, atMs: 0 }]);
    feed.changed(4);
    await runtime.advance(0);
    expect(answers.slice(1)).toEqual([{ watcher: 2, atMs: 1_000 }]);
    expect(feed.size).toBe(0);
  });

  it("is answered when its time is up, and not for the time of another", async () => {
    void wait(1, 0, NOON_MS + 500);
    void wait(2, 0, NOON_MS + 300);
    await runtime.advance(20_000);
    expect(answers).toEqual([
      { watcher: 2, atMs: 300 },
      { watcher: 1, atMs: 500 },
    ]);
  });

  it("is answered when its watcher asks anew, or is released", async () => {
    void wait(1, 0);
    void wait(1, 0);
    await runtime.advance(0);
    expect(answers).toHaveLength(1);
    expect(feed.size).toBe(1);
    feed.release("1");
    await runtime.advance(0);
    expect(answers).toHaveLength(2);
    expect(feed.size).toBe(0);
  });

  it("hears nothing of an edition that it has, however often it is noted", async () => {
    feed.changed(5);
    void wait(1, 5);
    feed.changed(5);
    feed.changed(4);
    await runtime.advance(1_000);
    expect(answers).toEqual([]);
  });
});

describe("a feed that starts anew", () => {
  it("answers everyone, and tells no edition from before", async () => {
    feed.changed(5);
    void wait(1, 5);
    feed.reset();
    void wait(2, 0);
    await runtime.advance(1_000);
    expect(answers).toEqual([{ watcher: 1, atMs: 0 }]);
    feed.changed(5);
    await runtime.advance(0);
    expect(answers.slice(1)).toEqual([{ watcher: 2, atMs: 1_000 }]);
  });
});

it("takes no more watchers than a branch of the tree has", () => {
  for (let watcher = 0; watcher < 64; watcher++) void wait(watcher, 0);
  void wait(63, 0);
  expect(() => wait(64, 0)).toThrow("at most 64");
});

describe("changes that come fast", () => {
  it("are told every 250 ms, to all together", async () => {
    let version = 0;
    const ask = (watcher: number, known: number): void => {
      void wait(watcher, known).then(() => ask(watcher, version));
    };
    ask(1, 0);
    ask(2, 0);
    for (let changes = 0; changes < 100; changes++) {
      version += 1;
      feed.changed(version);
      await runtime.advance(10);
    }
    const times = answers.filter(({ watcher }) => watcher === 1).map(({ atMs }) => atMs);
    expect(times).toEqual([0, 1, 2, 3, 4].map((turn) => turn * TELL_EVERY_MS));
    expect(answers.filter(({ watcher }) => watcher === 2)).toHaveLength(times.length);
  });

  it("are told at once where there is no pause between them", async () => {
    feed = new ChangeFeed(runtime, 0);
    for (let change = 1; change <= 3; change++) {
      void wait(1, change - 1);
      feed.changed(change);
      await runtime.advance(10);
    }
    expect(answers.map(({ atMs }) => atMs)).toEqual([0, 10, 20]);
  });

  it("leave no timer behind once everyone is answered", async () => {
    feed.changed(1);
    void wait(1, 0);
    await runtime.advance(0);
    await runtime.advance(20_000);
    expect(runtime.delays()).toEqual([]);
    void wait(1, 1);
    feed.release("1");
    expect(runtime.delays()).toEqual([]);
  });
});
