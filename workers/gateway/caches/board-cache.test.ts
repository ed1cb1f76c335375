import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Board } from "../../../domain/queue/board.ts";
import {
  FakeGateway,
  NOON_MS,
  objectReset,
  overloaded,
  sampleBoard,
} from "../testing/fake-gateway.ts";
import { BoardCache } from "./board-cache.ts";

let gateway: FakeGateway;
let cache: BoardCache;
let later: Promise<unknown>[];

beforeEach(() => {
  gateway = new FakeGateway();
  cache = new BoardCache({ now: () => gateway.nowMs });
  later = [];
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

async function versionNow(): Promise<number | undefined> {
  const { env } = gateway;
  const board = await cache.get({ env, waitUntil: (work) => later.push(work) }, "drop");
  await Promise.all(later);
  return board?.version;
}

/** Lets the feed bring a board from now on. */
function feed(version: number, asOfMs = gateway.nowMs): Board {
  const board = sampleBoard({ version, asOfMs });
  gateway.board = board;
  return board;
}

describe("the boards of an isolate", () => {
  it("come from the feed, at most twice a second", async () => {
    feed(1);
    for (let asked = 0; asked < 10; asked++) {
      await versionNow();
      gateway.nowMs += 100;
    }
    expect(gateway.calls).toEqual(["board", "board"]);
  });

  it("are served at most until they are 1.5 s old, however long the cache before the feed had them", async () => {
    feed(1, NOON_MS - 1_200);
    expect(await versionNow()).toBe(1);
    feed(2);
    gateway.nowMs = NOON_MS + 300;
    expect(await versionNow()).toBe(1);
    gateway.nowMs = NOON_MS + 301;
    expect(await versionNow()).toBe(2);
  });

  it("never go back when that cache has what is older", async () => {
    feed(7);
    expect(await versionNow()).toBe(7);
    gateway.nowMs += 2_000;
    feed(6, NOON_MS - 900);
    expect(await versionNow()).toBe(7);
  });

  it("are read past that cache after a change that was made here, until one has come", async () => {
    feed(1);
    await versionNow();
    cache.drop("drop");
    gateway.board = overloaded();
    await expect(versionNow()).rejects.toThrow("overloaded");
    feed(2);
    expect(await versionNow()).toBe(2);
    gateway.nowMs += 1_501;
    await versionNow();
    const past = "board past the cache";
    expect(gateway.calls).toEqual(["board", past, past, "board"]);
  });

  it("stand while the feed fails, and are asked for twice when an object was lost", async () => {
    feed(1);
    await versionNow();
    gateway.board = objectReset();
    gateway.nowMs += 60_000;
    expect(await versionNow()).toBe(1);
    expect(gateway.calls).toHaveLength(3);
    gateway.nowMs += 600_000;
    await expect(versionNow()).rejects.toMatchObject({ durableObjectReset: true });
  });
});
