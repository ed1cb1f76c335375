import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { readEntry } from "../domain/log/leaf.ts";
import { logBinding } from "../domain/log/note.ts";
import type { Receipt } from "../domain/log/receipt.ts";
import { naiveHead, naiveLeaf } from "../test/support/naive-tree.ts";
import { tilePath, tileWidth } from "../domain/log/tile.ts";
import { TILE_WIDTH } from "../domain/log/tree.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { openLine, placed, type TestLine } from "../test/system/support/lines.ts";
import { bindings, rowsOf, uniqueName } from "../test/system/support/objects.ts";
import { HOUR_MS, NOON_MS, SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();
const room = bindings.WAITING_ROOM;

/** What the log of a line tells once all of it is covered, but for when and of which sale. */
async function told(line: TestLine, kinds?: string[]): Promise<object[]> {
  clock.advance(SECOND_MS);
  await room.logCheckpoint(line.saleId);
  const page = await room.logEntries(line.saleId, 0, 1_000);
  if (!page) throw new Error("The line has no log.");
  return page.entries.flatMap((text) => {
    const { sale, atMs: _atMs, ...entry } = readEntry(text);
    expect(sale).toBe(line.saleId);
    return kinds && !kinds.includes(entry.kind) ? [] : [entry];
  });
}

describe("the log of a line", () => {
  it("tells what becomes of those who join, to whoever reads it afterwards", async () => {
    const line = await openLine();
    await line.number(2);
    await line.tick();
    await line.ask(1, 2);
    await line.finish(1, 1);
    await line.depart(2);
    const entries = await told(line);
    expect(entries).toMatchObject([
      { kind: "opened", terms: { mode: "open", seedHash: null, drawsMax: 0 } },
      { kind: "turned", turn: "started" },
      { kind: "joined", number: 1, stampMs: NOON_MS },
      { kind: "joined", number: 2, stampMs: NOON_MS },
      { kind: "invited", first: 1, through: 2 },
      { kind: "granted", number: 1 },
      { kind: "granted", number: 2 },
      { kind: "over", number: 1, how: "finished" },
      { kind: "over", number: 2, how: "left" },
    ]);
  });

  it("tells who asks and has to wait, and not of who is let in at once", async () => {
    const line = await openLine();
    await line.number(3);
    await line.tick();
    await line.sequencer.adjust({ totalActiveUsers: 1 });
    await line.ask(1, 2, 3);
    await line.ask(1, 2, 3);
    await line.finish(1, 1);
    await line.tick();
    expect(await told(line, ["asked", "granted"])).toMatchObject([
      { kind: "granted", number: 1 },
      { kind: "asked", number: 2 },
      { kind: "asked", number: 3 },
      { kind: "granted", number: 2 },
    ]);
  });

  it("tells what time does: who never asked, who stopped asking, whose pass ran out", async () => {
    const line = await openLine({
      queue: { claimSeconds: 10, sessionDurationSeconds: 30, disableSessionRenewal: true },
    });
    await line.number(2);
    await line.tick();
    await line.ask(1);
    clock.advance(11 * SECOND_MS);
    await line.tick();
    clock.advance(20 * SECOND_MS);
    await line.tick();
    await line.depart(2);
    expect(await told(line, ["lapsed", "over"])).toEqual([
      { kind: "lapsed", first: 1, through: 2 },
      { kind: "over", number: 1, how: "expired" },
    ]);
  });

  it("tells what people do to it, and nothing of what changes nobody's place", async () => {
    const line = await openLine();
    await line.number(3);
    await line.tick();
    await line.ask(1);
    await line.sequencer.command("pause");
    await line.sequencer.command("pause");
    await line.sequencer.command("resume");
    await line.sequencer.adjust({ message: "Soon" });
    await line.sequencer.adjust({ newUsersPerMinute: 6 });
    await line.sequencer.revoke(1);
    await line.sequencer.revoke(3);
    await line.sequencer.change({ endsAtMs: NOON_MS + 2 * HOUR_MS });
    await line.sequencer.command("end");
    const times = { startsAtMs: NOON_MS - HOUR_MS, endsAtMs: NOON_MS + HOUR_MS };
    expect(await told(line, ["controlled", "led", "over", "turned"])).toMatchObject([
      { kind: "turned", turn: "started" },
      { kind: "controlled", mode: "paused", ...times },
      { kind: "controlled", mode: "open", ...times },
      { kind: "led", controls: { newUsersPerMinute: 6 } },
      { kind: "over", number: 1, how: "revoked" },
      { kind: "over", number: 3, how: "revoked" },
      { kind: "controlled", mode: "open", endsAtMs: NOON_MS + 2 * HOUR_MS },
      { kind: "controlled", mode: "ended" },
      { kind: "turned", turn: "ended" },
    ]);
  });

  it("tells the renewal of a pass, once", async () => {
    const line = await openLine({ queue: { sessionDurationSeconds: 60 } });
    await line.joinInOrder("ada");
    await line.tick();
    const pass = placed(await line.claim("ada", 1));
    clock.advance(40 * SECOND_MS);
    const renew = () => line.laneOf("ada").renew("ada", 1, pass.expiresAtMs ?? 0);
    const { expiresAtMs } = placed(await renew());
    await renew();
    expect(await told(line, ["granted", "renewed"])).toEqual([
      { kind: "granted", number: 1, expiresAtMs: pass.expiresAtMs },
      { kind: "renewed", number: 1, expiresAtMs },
    ]);
  });

  it("names who joins by the index where places are drawn, and who left before by the number after it", async () => {
    const line = await openLine({
      queue: { prequeueStartsAtMs: NOON_MS - HOUR_MS, shuffleAtStart: true },
      control: { startsAtMs: NOON_MS + 10 * SECOND_MS },
    });
    await line.number(2);
    await line.depart(2);
    clock.advance(10 * SECOND_MS);
    await line.number(1);
    await line.tick();
    await line.tick();
    expect(await told(line, ["joined", "over"])).toMatchObject([
      { kind: "joined", index: 1 },
      { kind: "joined", index: 2 },
      { kind: "joined", index: 3 },
      { kind: "over", number: expect.any(Number) as number, how: "left" },
    ]);
  });

  it("is not there for a sale that was never created", async () => {
    const saleId = uniqueName("nothing");
    expect(await room.logCheckpoint(saleId)).toBeNull();
    expect(await room.logTile(saleId, "tile/0/000.p/1")).toBeNull();
    expect(await room.logEntries(saleId, 0, 10)).toBeNull();
  });
});

/** Checks a receipt by what everyone can ask for: its leaf is in the tree of its own checkpoint. */
async function expectIncluded(line: TestLine, { leaf, index, checkpoint }: Receipt): Promise<void> {
  const [origin, size = "", head] = checkpoint.split("\n");
  expect(origin).toBe(`ropeline.example/sales/${line.saleId}`);
  const leaves: Buffer[] = [];
  for (let tile = 0; tile * TILE_WIDTH < Number(size); tile++) {
    const name = { level: 0, tile, width: tileWidth(0, tile, Number(size)) };
    const hashes = Buffer.from((await room.logTile(line.saleId, tilePath(name))) ?? []);
    for (let at = 0; at < hashes.length; at += 32) leaves.push(hashes.subarray(at, at + 32));
  }
  expect(leaves).toHaveLength(Number(size));
  expect(naiveHead(leaves).toString("base64")).toBe(head);
  expect(leaves[index]).toEqual(naiveLeaf(Buffer.from(leaf)));
}

describe("a receipt", () => {
  it("comes with the place and is the same on every repeat, whatever joined since", async () => {
    const line = await openLine();
    const { receipt } = placed(await line.join("ann", NOON_MS - 5));
    expect(JSON.parse(receipt?.leaf ?? "")).toEqual({
      sale: line.saleId,
      kind: "joined",
      atMs: clock.now(),
      number: 1,
      arrivedAtMs: NOON_MS - 5,
      stampMs: NOON_MS,
      binding: logBinding(line.saleId, "ann"),
    });
    await line.joinInOrder("ben", "cem");
    expect(placed(await line.join("ann")).receipt).toEqual(receipt);
    await abortAllDurableObjects();
    expect(placed(await line.join("ann")).receipt).toEqual(receipt);
  });

  it("is proven by the tiles that everyone can ask for, for every one of a crowd", async () => {
    const line = await openLine();
    const crowd = Array.from({ length: 300 }, (_, index) => `shopper-${index}`);
    const joining = Promise.all(crowd.map((binding) => line.joinAndWait(binding)));
    const answers = await line.closeWindow(() => joining);
    const receipts = answers.flatMap((answer) => placed(answer).receipt ?? []);
    expect(receipts).toHaveLength(300);
    expect(new Set(receipts.map(({ index }) => index)).size).toBe(300);
    for (const at of [0, 150, 299]) await expectIncluded(line, receipts[at] as Receipt);
    const notes = await Promise.all(
      Array.from({ length: line.lanes }, (_, lane) =>
        rowsOf(line.lane(lane), "SELECT note FROM checkpoint"),
      ),
    );
    // A batch has one, however many came in it.
    expect(notes.flat().length).toBeLessThan(100);
  });

  it("of a join whose answer was lost is that of the entry that was written", async () => {
    const line = await openLine();
    const { lane, number, receipt } = placed(await line.join("ann"));
    await line.joinInOrder("ben");
    await rowsOf(
      line.lane(lane),
      `INSERT INTO waiting
         SELECT lane_seq, json_array(json_array(lane_seq, arrived_at_ms, binding)) FROM place WHERE binding = 'ann';
       DELETE FROM place WHERE binding = 'ann'`,
    );
    const again = placed(await line.join("ann"));
    expect(again).toMatchObject({
      number,
      receipt: { leaf: receipt?.leaf, index: receipt?.index },
    });
    await expectIncluded(line, again.receipt as Receipt);
    expect(await told(line, ["joined"])).toHaveLength(2);
  });

  it("is another one after leaving", async () => {
    const line = await openLine();
    const { number, receipt } = placed(await line.join("ann"));
    await line.leave("ann", number);
    const again = placed(await line.join("ann"));
    expect(again.receipt?.index).toBeGreaterThan(receipt?.index ?? 0);
    expect(readEntry(again.receipt?.leaf ?? "")).toMatchObject({ number: again.number });
  });

  it("is not there for places from before, nor in a sale that has no log", async () => {
    const line = await openLine();
    const { lane } = placed(await line.join("ann"));
    await rowsOf(
      line.lane(lane),
      "UPDATE place SET leaf = NULL, log_index = NULL, checkpoint = NULL",
    );
    expect(placed(await line.join("ann"))).not.toHaveProperty("receipt");
    for (const table of ["log_tree", "log_entry", "log_checkpoint", "log_tile"])
      await rowsOf(line.sequencer, `DELETE FROM ${table}`);
    await rowsOf(line.sequencer, "UPDATE place SET log_index = NULL");
    expect(placed(await line.join("ben"))).not.toHaveProperty("receipt");
    await line.tick();
    expect(placed(await line.claim("ben", 2))).toMatchObject({ state: "granted" });
  });

  it("goes without the binding's hash where the lane is of an older version", async () => {
    const line = await openLine();
    await line.number(1);
    expect(await told(line, ["joined"])).toMatchObject([{ number: 1, binding: "" }]);
  });
});

it("a join and its entry are written together: where the log cannot be, nobody gets a number", async () => {
  const line = await openLine();
  await rowsOf(line.sequencer, "ALTER TABLE log_entry RENAME TO hidden");
  const joins = [{ laneSeq: 1, arrivedAtMs: NOON_MS }];
  const batch = { lane: 0, joins, claims: [], departures: [] };
  const [failed] = await line.closeWindow(() =>
    runInDurableObject(line.sequencer, (object) => Promise.allSettled([object.submit(batch)])),
  );
  expect(failed?.status).toBe("rejected");
  await rowsOf(line.sequencer, "ALTER TABLE hidden RENAME TO log_entry");
  expect((await line.counters()).lastNumber).toBe(0);
  const again = await line.closeWindow(async () => line.sequencer.submit(batch));
  expect(again).toMatchObject({ numbers: [{ number: 1, logged: { index: 2 } }] });
});
