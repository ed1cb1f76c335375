import { describe, expect, it } from "vitest";
import { useTestClock } from "./support/clock.ts";
import { openLine } from "./support/lines.ts";
import { level, SECOND_MS } from "./support/samples.ts";

const clock = useTestClock();

describe("a line that closes and opens", () => {
  it("tells the set rate until it has measured one", async () => {
    const line = await openLine({ queue: { newUsersPerMinute: 600, totalActiveUsers: 500 } });
    await line.number(400);
    for (let ticks = 0; ticks < 4; ticks++) {
      clock.advance(250);
      await line.tick();
    }
    expect((await line.board()).invitedPerSecond).toBeGreaterThan(8);
  });
  it("tells the set rate again after a pause", async () => {
    const line = await openLine({ queue: { newUsersPerMinute: 600, totalActiveUsers: 500 } });
    await line.number(400);
    await line.tick();
    await line.sequencer.command("pause");
    clock.advance(SECOND_MS);
    await line.tick();
    await line.sequencer.command("resume");
    expect((await line.board()).invitedPerSecond).toBeGreaterThan(8);
  });
  it("keeps its invitations while it is sold out", async () => {
    const line = await openLine({ levels: [level(5)] });
    await line.number(2);
    await line.tick();
    const report = { saleId: line.saleId, sku: "phone", finished: [] };
    await line.sequencer.report({ ...report, sequence: 5, level: level(5, 0, 5) });
    clock.advance(90 * SECOND_MS);
    await line.tick();
    await line.sequencer.report({ ...report, sequence: 6, level: level(7, 0, 5) });
    clock.advance(SECOND_MS);
    await line.tick();
    expect(await line.ask(1)).toMatchObject({ 1: { state: "granted" } });
  });
  it("stands while it is sold out, and moves again as far as a restock reaches", async () => {
    const line = await openLine({ levels: [level(2)] });
    await line.number(6);
    await line.tick();
    expect(await line.board()).toMatchObject({ cursor: 2, state: "active" });
    await line.ask(1, 2);
    await line.finish(1, 1, 2);
    const report = { saleId: line.saleId, sku: "phone", finished: [] };
    await line.sequencer.report({ ...report, sequence: 5, level: level(2, 0, 2) });
    for (let ticks = 0; ticks < 4; ticks++) {
      clock.advance(SECOND_MS);
      await line.tick();
    }
    expect(await line.board()).toMatchObject({ cursor: 2, state: "sold_out" });
    await line.sequencer.report({ ...report, sequence: 6, level: level(5, 0, 2) });
    clock.advance(SECOND_MS);
    await line.tick();
    expect(await line.board()).toMatchObject({ cursor: 5, state: "active" });
  });
  it("is not upset by a report of a number that asked and has no pass", async () => {
    const line = await openLine();
    await line.number(1);
    await line.tick();
    await line.sequencer.command("pause");
    await line.ask(1);
    await line.finish(1, 1);
    expect(await line.counters()).toMatchObject({ inside: 0, openInvitations: 1 });
  });
});
