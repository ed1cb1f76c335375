import { describe, expect, it } from "vitest";
import type { LogEntry } from "../domain/log/leaf.ts";
import { logBinding } from "../domain/log/note.ts";
import { useTestClock } from "../test/system/support/clock.ts";
import { openLine, placed, type TestLine } from "../test/system/support/lines.ts";
import { bindings } from "../test/system/support/objects.ts";
import { NOON_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();
const room = bindings.WAITING_ROOM;

/** What the log of a line tells, without what every entry has. */
async function told(line: TestLine): Promise<object[]> {
  const page = await room.logEntries(line.saleId, 0, 1_000);
  if (!page) throw new Error("The line has no log.");
  return page.entries.map((text) => {
    const { sale, atMs: _atMs, ...entry } = JSON.parse(text) as LogEntry;
    expect(sale).toBe(line.saleId);
    return entry;
  });
}

describe("the log of a line", () => {
  it("tells what becomes of those who join", async () => {
    const line = await openLine();
    await line.number(2);
    await line.tick();
    await line.ask(1, 2);
    await line.finish(1, 1);
    await line.depart(2);
    clock.advance(1_000);
    await room.logCheckpoint(line.saleId);
    expect(await told(line)).toMatchObject([
      { kind: "opened" },
      { kind: "turned", turn: "started" },
      { kind: "joined", number: 1 },
      { kind: "joined", number: 2 },
      { kind: "invited", first: 1, through: 2 },
      { kind: "granted", number: 1 },
      { kind: "granted", number: 2 },
      { kind: "over", number: 1, how: "finished" },
      { kind: "over", number: 2, how: "left" },
    ]);
  });
});

describe("a receipt", () => {
  it("comes with the place, the same on every repeat", async () => {
    const line = await openLine();
    const { receipt } = placed(await line.join("ann", NOON_MS - 5));
    const { leaf, index, checkpoint } = receipt ?? {};
    expect(JSON.parse(leaf ?? "")).toEqual({
      sale: line.saleId,
      kind: "joined",
      atMs: clock.now(),
      number: 1,
      arrivedAtMs: NOON_MS - 5,
      stampMs: NOON_MS,
      binding: logBinding(line.saleId, "ann"),
    });
    expect(index).toBe(2);
    expect(checkpoint?.split("\n").slice(0, 2)).toEqual([
      `ropeline.example/sales/${line.saleId}`,
      "3",
    ]);
    await line.join("ben");
    expect(placed(await line.join("ann")).receipt).toEqual(receipt);
  });
});
