import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { eventually, useTestClock } from "../test/system/support/clock.ts";
import { openLine, TestLine } from "../test/system/support/lines.ts";
import { alarmOf, bindings, rowsOf } from "../test/system/support/objects.ts";
import { level, NOON_MS, SECOND_MS } from "../test/system/support/samples.ts";
import {
  askForSocket,
  HOME,
  liveBoard,
  liveRoot,
  openSocket,
  type TestSocket,
} from "../test/system/support/sockets.ts";
import { LiveBoard } from "./live-board.ts";
import { systemRuntime } from "./runtime.ts";

const clock = useTestClock();

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const WATCHDOG_MS = 2 * SECOND_MS;
const TELL_EVERY_MS = 250;
const TOKEN_MS = 30 * SECOND_MS;

const parkedAt = async (line: TestLine): Promise<number | undefined> =>
  (await line.sequencer.stats())?.parked;

/** Waits until this many shards of a region have told what there is and ask for more. */
async function parked(line: TestLine, shards = 1, region = HOME): Promise<void> {
  await eventually(async () => {
    const { isWatching, parked } = await liveRoot(line.saleId, region).stats();
    expect({ isWatching, parked }).toEqual({ isWatching: shards > 0, parked: shards });
  });
}

/** Waits until a shard does not ask any more. */
async function unwatched(line: TestLine): Promise<void> {
  await eventually(async () =>
    expect((await liveBoard(line.saleId).stats()).isWatching).toBe(false),
  );
}

/** Lets the sequencer's pause between two messages pass, until `check` holds. */
async function inTime(check: () => void): Promise<void> {
  await eventually(async () => {
    clock.advance(TELL_EVERY_MS);
    check();
  });
}

/** How many seconds from noon those tokens expire whose use the home shard remembers. */
async function usedSeconds(line: TestLine): Promise<number[]> {
  const query = "SELECT second FROM used_together ORDER BY second";
  const rows = await rowsOf<{ second: number }>(liveBoard(line.saleId), query);
  return rows.map(({ second }) => second - NOON_MS / SECOND_MS);
}

/** A running sale with one socket that has the board. */
async function connected(): Promise<{ line: TestLine; socket: TestSocket }> {
  const line = await openLine();
  const socket = await openSocket(line.saleId);
  await inTime(() => expect(socket.messages).toHaveLength(1));
  await parked(line);
  return { line, socket };
}

/**
 * Evicts objects of a sale, which lets sockets live. An object that asks is not evicted but lost, so
 * the question is refused first.
 */
async function evict(line: TestLine, ...objects: DurableObjectStub[]): Promise<void> {
  await rowsOf(line.sequencer, "ALTER TABLE sale RENAME TO hidden");
  await line.sequencer.unwatch(HOME);
  await unwatched(line);
  for (const object of objects) await evictDurableObject(object);
  await rowsOf(line.sequencer, "ALTER TABLE hidden RENAME TO sale");
}

/** Sells a unit, which is a new version of the board. */
async function sell(line: TestLine, sequence: number): Promise<void> {
  const { saleId } = line;
  const stock = level(1_000, 0, sequence);
  await line.sequencer.report({ saleId, sku: stock.sku, sequence, level: stock, finished: [] });
}

describe("a socket", () => {
  it("brings the board at once, and again when it changes, with rising versions", async () => {
    const { line, socket } = await connected();
    expect(socket.last).toMatchObject({ type: "board", saleId: line.saleId, state: "active" });
    await line.sequencer.command("pause");
    await inTime(() => expect(socket.last?.state).toBe("paused"));
    const versions = socket.messages.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
  });

  it("brings the same to sockets of every shard, and to one that comes later at once", async () => {
    const { line, socket } = await connected();
    await sell(line, 1);
    clock.advance(TELL_EVERY_MS);
    // From here on the clock stands: a pause of the root's own would never end.
    await eventually(async () => expect(socket.last?.items[0]?.sold).toBe(1));
    const other = await openSocket(line.saleId, { shard: 1 });
    await eventually(async () => expect(other.last?.version).toBe(socket.last?.version));
    await parked(line, 2);
    await line.sequencer.command("pause");
    await inTime(() => {
      expect(socket.last?.state).toBe("paused");
      expect(other.last?.state).toBe("paused");
    });
    const late = await openSocket(line.saleId);
    await eventually(async () => expect(late.last?.version).toBe(socket.last?.version));
  });

  it("brings the same in every region, for one call of each at the sequencer", async () => {
    const { line, socket } = await connected();
    const others: TestSocket[] = [];
    for (const [region, shard] of [
      ["weur", 1],
      ["apac", 0],
      ["apac", 1],
    ] as const)
      others.push(await openSocket(line.saleId, { region, shard }));
    await inTime(() => expect(others.every(({ last }) => last?.state === "active")).toBe(true));
    await parked(line, 2, "weur");
    await parked(line, 2, "apac");
    expect(await parkedAt(line)).toBe(2);
    await line.sequencer.command("pause");
    await inTime(() =>
      expect([socket, ...others].map(({ last }) => last?.state)).toEqual(
        Array.from({ length: 4 }, () => "paused"),
      ),
    );
  });

  it("is told of start and end, which come by the clock and have no version", async () => {
    const line = await openLine({ control: { startsAtMs: NOON_MS + 50 } });
    const socket = await openSocket(line.saleId);
    await eventually(async () => expect(socket.last?.state).toBe("scheduled"));
    await parked(line);
    clock.advance(50);
    await eventually(async () => expect(socket.last?.state).toBe("active"));
    expect(new Set(socket.messages.map(({ version }) => version)).size).toBe(1);
  });

  it("is closed with the sale, and nothing is asked any more", async () => {
    const { line, socket } = await connected();
    await line.sequencer.command("end");
    await inTime(() => expect(socket.closed).toBe(1000));
    expect(socket.last?.state).toBe("ended");
    await unwatched(line);
    // As if the 20 s of the root's last question were over.
    await line.sequencer.unwatch(HOME);
    await parked(line, 0);
    expect(await parkedAt(line)).toBe(0);
  });

  it("answers a ping and takes nothing else", async () => {
    const { socket } = await connected();
    socket.send("ping");
    await eventually(async () => expect(socket.pongs).toEqual(["pong"]));
    socket.send("let me in");
    await eventually(async () => expect(socket.closed).toBe(1008));
  });

  it("gives way, the oldest first, when a shopper opens more than four", async () => {
    const line = await openLine();
    const sockets: TestSocket[] = [];
    for (let opened = 0; opened < 6; opened++) {
      sockets.push(await openSocket(line.saleId, { binding: "ada" }));
      clock.advance(1);
    }
    await openSocket(line.saleId, { binding: "bob" });
    await eventually(async () =>
      expect(sockets.map(({ closed }) => closed)).toEqual([1008, 1008, null, null, null, null]),
    );
  });
});

describe("an object that is full", () => {
  it("refuses one more, and uses no token up for it", async () => {
    const line = await openLine();
    const answers = await runInDurableObject(liveBoard(line.saleId), async (_, state) => {
      const small = new LiveBoard(state, bindings, systemRuntime, 1);
      const asked = [1, 2].map((seconds) => {
        const [nonce, expiresAtMs] = [`${seconds}`, `${NOON_MS + seconds * SECOND_MS}`];
        const query = new URLSearchParams({ binding: nonce, nonce, expiresAtMs });
        return small.fetch(new Request(`https://live-board/?${query.toString()}`));
      });
      return { statuses: asked.map(({ status }) => status), refusal: await asked[1]?.json() };
    });
    expect(answers.statuses).toEqual([101, 403]);
    expect(answers.refusal).toMatchObject({ code: "busy", retryAfterSeconds: 30 });
    expect(await usedSeconds(line)).toEqual([1]);
  });
});

describe("changes that come fast", () => {
  it("are told at most four times a second, and the last one is told", async () => {
    const { line, socket } = await connected();
    const changes = 40;
    for (let sold = 1; sold <= changes; sold++) {
      await sell(line, sold);
      clock.advance(25);
      // Time for a message that should not come.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await inTime(() => expect(socket.last?.items[0]?.sold).toBe(changes));
    const times = socket.messages.map(({ asOf }) => Date.parse(asOf));
    const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(TELL_EVERY_MS);
    expect(times.length).toBeLessThanOrEqual(2 + (changes * 25) / TELL_EVERY_MS);
  });
});

describe("an object with nobody connected", () => {
  it("never asks", async () => {
    const line = await openLine();
    expect(await liveBoard(line.saleId).stats()).toMatchObject({ sockets: 0, isWatching: false });
    await runDurableObjectAlarm(liveBoard(line.saleId));
    expect(await parkedAt(line)).toBe(0);
  });

  it("gives its parked call back when the last socket goes, and asks again for the next one", async () => {
    const { line, socket } = await connected();
    const second = await openSocket(line.saleId);
    socket.close();
    second.close();
    await parked(line, 0);
    await unwatched(line);
    await runDurableObjectAlarm(liveBoard(line.saleId));
    expect(await alarmOf(liveBoard(line.saleId))).toBeNull();
    expect(await parkedAt(line)).toBe(0);

    await line.sequencer.command("pause");
    const third = await openSocket(line.saleId);
    await inTime(() => expect(third.last?.state).toBe("paused"));
  });
});

describe("after an eviction", () => {
  it.each([
    ["the shard", [liveBoard]],
    ["the root", [liveRoot]],
    ["both", [liveBoard, liveRoot]],
  ])("of %s the same sockets get the next change, by the alarm alone", async (_what, objects) => {
    const { line, socket } = await connected();
    await evict(line, ...objects.map((object) => object(line.saleId)));
    await line.sequencer.command("pause");
    expect(await runDurableObjectAlarm(liveBoard(line.saleId))).toBe(true);
    await inTime(() => expect(socket.last?.state).toBe("paused"));
    await line.sequencer.command("resume");
    await inTime(() => expect(socket.last?.state).toBe("active"));
    expect(socket.closed).toBeNull();
    expect(await liveBoard(line.saleId).stats()).toMatchObject({ sockets: 1, isWatching: true });
    await parked(line, 1);
    expect(await parkedAt(line)).toBe(1);
  });

  it("has an alarm while there are sockets, two seconds ahead at most", async () => {
    const { line } = await connected();
    for (let fired = 0; fired < 3; fired++) {
      const alarmAtMs = (await alarmOf(liveBoard(line.saleId))) ?? Infinity;
      expect(alarmAtMs).toBeLessThanOrEqual(clock.now() + WATCHDOG_MS);
      clock.set(alarmAtMs);
      await runDurableObjectAlarm(liveBoard(line.saleId));
    }
  });
});

describe("a loss", () => {
  it.each([
    ["the sequencer", (line: TestLine): DurableObjectStub => line.sequencer],
    ["the root", (line: TestLine): DurableObjectStub => liveRoot(line.saleId)],
  ])("of %s is found out by the alarm, and no socket is closed", async (_what, objectOf) => {
    const { line, socket } = await connected();
    await runInDurableObject(objectOf(line), (_, state) => state.abort("lost")).catch(() => {});
    await unwatched(line);
    await line.sequencer.command("pause");
    await runDurableObjectAlarm(liveBoard(line.saleId));
    await inTime(() => expect(socket.last?.state).toBe("paused"));
    expect(socket.closed).toBeNull();
  });
});

describe("a sale whose line was never opened", () => {
  it("brings nothing, and is asked for again by the alarm alone", async () => {
    const line = new TestLine("no-such-sale", 1);
    const socket = await openSocket(line.saleId);
    await eventually(async () =>
      expect((await liveBoard(line.saleId).stats()).calls["board.next"]).toBe(1),
    );
    await unwatched(line);
    expect(await liveRoot(line.saleId).stats()).toMatchObject({ parked: 0, isWatching: false });
    expect(await alarmOf(liveBoard(line.saleId))).toBe(clock.now() + WATCHDOG_MS);
    expect(socket.messages).toEqual([]);
  });
});

describe("a token", () => {
  it("opens one socket, also when the object was evicted in between", async () => {
    const { line } = await connected();
    await openSocket(line.saleId, { nonce: "once" });
    await evict(line, liveBoard(line.saleId));
    const again = await askForSocket(line.saleId, { nonce: "once" });
    expect(again.status).toBe(403);
    expect(await again.json()).toMatchObject({ ok: false, code: "live_token_invalid" });
  });

  it("opens none when it has expired", async () => {
    const line = await openLine();
    const late = await askForSocket(line.saleId, { lifeMs: 0 });
    expect(await late.json()).toMatchObject({ code: "live_token_invalid" });
  });

  it("is forgotten once it would have expired", async () => {
    const line = await openLine();
    await openSocket(line.saleId, { nonce: "first" });
    clock.advance(TOKEN_MS);
    await openSocket(line.saleId, { nonce: "second" });
    expect(await usedSeconds(line)).toEqual([60]);
    clock.advance(TOKEN_MS);
    await runDurableObjectAlarm(liveBoard(line.saleId));
    expect(await usedSeconds(line)).toEqual([]);
  });
});
