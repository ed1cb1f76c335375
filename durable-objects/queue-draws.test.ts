import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { parseLogKeys } from "../domain/log/note.ts";
import { readEntry, type LogEntry } from "../domain/log/leaf.ts";
import { sha256Hex } from "../domain/hash.ts";
import { permute } from "../domain/queue/permutation.ts";
import { drawnNumber, ROUND_MS } from "../domain/queue/shuffle.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { openLine, placed, type TestLine } from "../test/system/support/lines.ts";
import { bindings, rowsOf } from "../test/system/support/objects.ts";
import { HOUR_MS, NOON_MS } from "../test/system/support/samples.ts";
import { Draws } from "./draws.ts";
import { SaleLog } from "./sale-log.ts";
import { SequencerStore } from "./sequencer-store.ts";

const clock = useTestClock();
const STARTS_AT_MS = NOON_MS + 1_000;
const BEACON = { source: "drand", round: "4711" };
const BY = { actor: "staff:bea", reason: "drand.love" };

/** The line of a sale that draws places in a second, and may be entered before. */
function open(queue: Parameters<typeof openLine>[0] = {}): Promise<TestLine> {
  return openLine({
    queue: { prequeueStartsAtMs: NOON_MS - HOUR_MS, shuffleAtStart: true, ...queue.queue },
    control: { startsAtMs: STARTS_AT_MS },
  });
}

function openWaiting(queueingMethod: "fifo" | "random" = "fifo"): Promise<TestLine> {
  return open({ queue: { queueingMethod, publicRandomness: BEACON } });
}

/** What the log has told about draws, and where. */
async function toldOf(line: TestLine): Promise<{ index: number; entry: LogEntry }[]> {
  const page = await line.sequencer.logEntries(0, 2_000);
  return (page?.entries ?? [])
    .map((text, index) => ({ index, entry: readEntry(text) }))
    .filter(({ entry }) => ["drawn", "randomness", "revealed"].includes(entry.kind));
}

async function shuffleOf(line: TestLine) {
  const { shuffle } = await line.board();
  if (!shuffle) throw new Error("No places are drawn.");
  return shuffle;
}

describe("a draw in two steps", () => {
  it("is in the log with a head over it before its seed is", async () => {
    const line = await open();
    await line.joinInOrder("ann", "bob", "cem");
    clock.set(STARTS_AT_MS);
    const { seed, seedHash } = await shuffleOf(line);
    clock.advance(1_000);
    await line.join("late");
    const [drawn, revealed, ...more] = await toldOf(line);
    expect(more).toEqual([]);
    expect(drawn?.entry).toMatchObject({ kind: "drawn", draw: 1, joined: 3 });
    expect(revealed?.entry).toMatchObject({ kind: "revealed", draw: 1, seed });
    expect(sha256Hex(seed ?? "")).toBe(seedHash);
    const heads = await rowsOf<{ size: number }>(line.sequencer, "SELECT size FROM log_checkpoint");
    const between = heads.filter(
      ({ size }) => size > (drawn?.index ?? 0) && size <= (revealed?.index ?? 0),
    );
    expect(between).toHaveLength(1);
  });

  it("tells no seed that no head covers; after a loss in between the next event does", async () => {
    const line = await open();
    await line.joinInOrder("ann", "bob");
    clock.set(STARTS_AT_MS);
    const shuffle = await runInDurableObject(line.sequencer, (_, { storage }) => {
      const { LOG_KEYS, LOG_SHOP: shop } = bindings;
      const now = (): number => STARTS_AT_MS;
      const keys = parseLogKeys(LOG_KEYS);
      const log = new SaleLog({ storage, runtime: { now }, shop, keys });
      const store = new SequencerStore(storage);
      log.transactionSync(() => new Draws(store, log).close(STARTS_AT_MS));
      const isBlind = {
        transactionSync: <Result>(run: () => Result): Result => log.transactionSync(run),
        note: log.note.bind(log),
        seal: log.seal.bind(log),
        covers: () => false,
      };
      new Draws(store, isBlind).reveal();
      return store.read()?.shuffle;
    });
    expect(shuffle).toMatchObject({ seed: null, ends: [], closed: 2 });
    expect(await shuffleOf(line)).toMatchObject({ seed: expect.any(String), ends: [2] });
  });

  it("goes on in a sale from before there were logs", async () => {
    const line = await open();
    await runInDurableObject(line.sequencer, (_, { storage }) => {
      storage.sql.exec("DELETE FROM log_tree");
    });
    await line.joinInOrder("ann", "bob");
    clock.set(STARTS_AT_MS);
    expect(await shuffleOf(line)).toMatchObject({ seed: expect.any(String), ends: [2] });
    expect(await toldOf(line)).toEqual([]);
  });
});

describe("a draw with a public value", () => {
  it("numbers nobody before the value is there, and then by seed and value", async () => {
    const line = await openWaiting();
    await line.joinInOrder("ann", "bob", "cem");
    const early = await line.sequencer.bringRandomness("cafe", BY);
    expect(early).toMatchObject({ ok: false, code: "sale_not_started" });
    clock.set(STARTS_AT_MS);
    expect(await line.joinInOrder("late", "later")).toEqual([4, 5]);
    const waiting = {
      seed: null,
      ends: [],
      closed: 3,
      publicRandomness: { ...BEACON, value: null },
    };
    expect(await shuffleOf(line)).toMatchObject(waiting);
    clock.advance(HOUR_MS / 60);
    await line.tick();
    expect(await line.ask(1, 4)).toMatchObject({
      1: { state: "waiting" },
      4: { state: "waiting" },
    });
    expect((await line.counters()).cursor).toBe(0);
    expect(await line.sequencer.revoke(1)).toMatchObject({ ok: false, code: "sale_not_started" });

    expect(await line.sequencer.bringRandomness("cafe", BY)).toEqual({ ok: true });
    // At once: shoppers wait for no other event.
    const query = "SELECT shuffle ->> '$.seed' AS seed FROM sale";
    expect(await rowsOf(line.sequencer, query)).toEqual([{ seed: expect.any(String) }]);
    const drawn = await shuffleOf(line);
    expect(drawn).toMatchObject({ ends: [3], closed: null, seed: expect.any(String) });
    const order = [1, 2, 3].map((index) => drawnNumber(index, drawn));
    const seed = sha256Hex(`${drawn.seed}/cafe`);
    expect(order).toEqual([1, 2, 3].map((index) => permute(seed, index, 3)));
    expect([4, 5].map((index) => drawnNumber(index, drawn))).toEqual([4, 5]);
    clock.advance(1_000);
    await line.tick();
    expect(placed(await line.claim("late", 4))).toMatchObject({ state: "granted" });
  });

  it("takes the value once, the same one again, and tells the log and the trail who brought it", async () => {
    const line = await openWaiting();
    await line.joinInOrder("ann");
    clock.set(STARTS_AT_MS);
    for (let times = 0; times < 2; times++)
      expect(await line.sequencer.bringRandomness("cafe", BY)).toEqual({ ok: true });
    const other = await line.sequencer.bringRandomness("c0de", BY);
    expect(other).toMatchObject({ ok: false, code: "order_state_conflict" });
    expect((await shuffleOf(line)).publicRandomness).toEqual({ ...BEACON, value: "cafe" });
    const brought = (await line.trail()).filter(({ type }) => type === "randomness_brought");
    expect(brought).toMatchObject([{ ...BY, detail: { ...BEACON, value: "cafe" } }]);
    clock.advance(1_000);
    await line.join("late");
    expect((await toldOf(line)).map(({ entry }) => entry)).toMatchObject([
      { kind: "drawn", draw: 1, joined: 1 },
      { kind: "randomness", ...BEACON, value: "cafe" },
      { kind: "revealed", draw: 1 },
    ]);
  });

  it("is refused where none was named, and where there is no sale", async () => {
    const line = await open();
    clock.set(STARTS_AT_MS);
    for (const [saleId, code] of [
      [line.saleId, "order_state_conflict"],
      ["none", "not_found"],
    ] as const) {
      const sequencer = bindings.QUEUE_SEQUENCER.getByName(saleId);
      expect(await sequencer.bringRandomness("cafe", BY)).toMatchObject({ ok: false, code });
    }
  });

  it("is mixed into every round; those who came meanwhile are drawn in the next one", async () => {
    const line = await openWaiting("random");
    await line.joinInOrder("ann", "bob");
    clock.set(STARTS_AT_MS);
    await line.joinInOrder("late", "later");
    clock.set(STARTS_AT_MS + 3 * ROUND_MS);
    expect(await shuffleOf(line)).toMatchObject({ ends: [], closed: 2 });
    await line.sequencer.bringRandomness("cafe", BY);
    await line.board();
    const drawn = await shuffleOf(line);
    expect(drawn).toMatchObject({ ends: [2, 4], nextDrawAtMs: STARTS_AT_MS + 4 * ROUND_MS });
    const seed = sha256Hex(`${drawn.seed}/cafe`);
    for (const index of [1, 2]) {
      expect(drawnNumber(2 + index, drawn)).toBe(2 + permute(seed, index, 2));
      const first = sha256Hex(`${sha256Hex(drawn.seed ?? "")}/cafe`);
      expect(drawnNumber(index, drawn)).toBe(permute(first, index, 2));
    }
  });

  it("takes who leaves while the value is missing out of the line", async () => {
    const line = await openWaiting();
    await line.joinInOrder("ann", "bob");
    clock.set(STARTS_AT_MS);
    expect(placed(await line.leave("ann", 1)).state).toBe("left");
    await line.sequencer.bringRandomness("cafe", BY);
    const drawn = await shuffleOf(line);
    clock.advance(1_000);
    await line.tick();
    const rows = await rowsOf(line.sequencer, "SELECT number, ended FROM claim");
    expect(rows).toEqual([{ number: drawnNumber(1, drawn), ended: "left" }]);
  });
});
