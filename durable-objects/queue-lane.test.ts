import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { laneOf } from "../domain/queue/lane.ts";
import { eventually, useTestClock } from "../test/system/support/clock.ts";
import { openLine, placed } from "../test/system/support/lines.ts";
import { bindings, rowsOf } from "../test/system/support/objects.ts";
import type { JoinCommand } from "./lane-steps.ts";
import { NOON_MS, SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();

const SESSION_MS = 300 * SECOND_MS;

/** A join of a sale that says nothing special. */
function joinOf(binding: string, more: Partial<JoinCommand> = {}): JoinCommand {
  const terms = { lanes: 1, isDraining: false, mayRejoin: true, reorderWindowMs: 0 };
  return { binding, arrivedAtMs: NOON_MS, ...terms, ...more };
}

/** The same joins, a millisecond apart: those of one millisecond are put in order by lot. */
function inOrder(joins: JoinCommand[]): JoinCommand[] {
  return joins.map((join, index) => ({ ...join, arrivedAtMs: NOON_MS - 100 + index }));
}

describe("joining", () => {
  it("gives a place with its number, lane and arrival", async () => {
    const line = await openLine();
    expect(await line.join("ada", NOON_MS - 5)).toEqual({
      ok: true,
      first: true,
      lane: laneOf("ada", line.lanes),
      number: 1,
      arrivedAtMs: NOON_MS - 5,
      state: "placed",
      claimedAtMs: null,
      expiresAtMs: null,
      receipt: expect.any(Object) as object,
    });
  });

  it("again gives the same place, with the first arrival, and asks the sequencer nothing", async () => {
    const line = await openLine();
    const first = placed(await line.join("ada", NOON_MS));
    const { calls } = (await line.sequencer.stats()) ?? {};
    clock.advance(SECOND_MS);
    expect(await line.join("ada")).toEqual({ ...first, first: false });
    expect((await line.sequencer.stats())?.calls["lane.submit"]).toBe(calls?.["lane.submit"]);
  });

  it("many times at once gives one place, and only one answer says that it is the first", async () => {
    const line = await openLine();
    const answers = await Promise.all(Array.from({ length: 20 }, () => line.join("ada")));
    const places = answers.map((answer) => placed(answer));
    expect(new Set(places.map((place) => place.number))).toEqual(new Set([1]));
    expect(places.filter((place) => place.first)).toHaveLength(1);
    expect((await line.counters()).lastNumber).toBe(1);
  });

  it("many times in one batch is one join to the sequencer", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.closeWindow(() =>
      runInDurableObject(line.lane(0), (lane) =>
        Promise.all(Array.from({ length: 20 }, () => lane.join("ada", NOON_MS, 1))),
      ),
    );
    expect((await line.sequencer.stats())?.calls["lane.joins"]).toBe(1);
  });

  it("300 at once over 8 lanes: 300 numbers from 1 on, in the order of arrival", async () => {
    const line = await openLine({ queue: { lanes: 8, reorderWindowMs: 300 } });
    const shoppers = Array.from({ length: 300 }, (_, index) => ({
      binding: `shopper-${index}`,
      arrivedAtMs: NOON_MS - ((index * 77) % 300),
    }));
    const joins = Promise.all(
      shoppers.map(({ binding, arrivedAtMs }) => line.joinAndWait(binding, arrivedAtMs)),
    );
    await eventually(async () => {
      expect((await line.sequencer.stats())?.calls["lane.joins"]).toBe(300);
    });
    clock.advance(301);
    const places = (await joins).map((answer) => placed(answer));
    expect(places.map((place) => place.number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
    const byNumber = places.toSorted((a, b) => a.number - b.number);
    const arrivals = byNumber.map((place) => place.arrivedAtMs);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
    expect(new Set(places.map((place) => place.lane)).size).toBe(8);

    const again = await Promise.all(shoppers.map(({ binding }) => line.join(binding)));
    expect(again.map((answer) => placed(answer).number)).toEqual(
      places.map((place) => place.number),
    );
  });

  it("goes to the sequencer in batches: a crowd is a few calls", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.closeWindow(() =>
      runInDurableObject(line.lane(0), (lane) =>
        Promise.all(Array.from({ length: 400 }, (_, index) => lane.join(`s-${index}`, NOON_MS, 1))),
      ),
    );
    const { calls } = (await line.sequencer.stats()) ?? {};
    expect(calls).toMatchObject({ "lane.submit": 1, "lane.joins": 400 });
    expect(await line.lane(0).stats()).toEqual({ "shopper.join": 400 });
  });

  it("many in one call: one batch, and each is told the own place", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    const joins = (...bindings: string[]) =>
      line.closeWindow(() => line.lane(0).joinMany(inOrder(bindings.map((name) => joinOf(name)))));
    expect(await joins("ada", "bob", "ada")).toMatchObject([
      { ok: true, value: { first: true, number: 1 } },
      { ok: true, value: { first: true, number: 2 } },
      { ok: true, value: { first: false, number: 1 } },
    ]);
    expect(await joins("cid", "bob")).toMatchObject([
      { ok: true, value: { first: true, number: 3 } },
      { ok: true, value: { first: false, number: 2 } },
    ]);
    expect(await line.lane(0).stats()).toEqual({ "shopper.join": 5 });
    const { calls } = (await line.sequencer.stats()) ?? {};
    expect(calls).toMatchObject({ "lane.submit": 2, "lane.joins": 3 });
  });

  it("many in one call: each by what its sale says, and nobody new while the line drains", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    const left = placed(await line.join("bob"));
    await line.leave("bob", left.number);
    const joins = inOrder([
      joinOf("ada", { isDraining: true }),
      joinOf("bob", { isDraining: true }),
      joinOf("bob"),
      joinOf("cid"),
    ]);
    expect(await line.closeWindow(() => line.lane(0).joinMany(joins))).toMatchObject([
      { value: { ok: true, first: false, number: 1 } },
      { value: { ok: false, code: "sale_ended" } },
      { value: { ok: true, first: true, number: 3 } },
      { value: { ok: true, first: true, number: 4 } },
    ]);
  });

  it("is refused as busy when more than 5,000 wait", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    const answers = await line.closeWindow(() =>
      runInDurableObject(line.lane(0), (lane) =>
        Promise.all(Array.from({ length: 5_002 }, () => lane.join("ada", NOON_MS, 1))),
      ),
    );
    const busy = { ok: false, code: "busy", retryAfterSeconds: 1 };
    expect(answers.filter((answer) => !answer.ok)).toEqual([busy, busy]);
    const many = Array.from({ length: 5_002 }, (_, index) => joinOf(`s-${index}`));
    const told = await line.closeWindow(() =>
      runInDurableObject(line.lane(0), (lane) => lane.joinMany(many)),
    );
    expect(told.slice(4_999)).toMatchObject([
      { value: { ok: true } },
      { value: busy },
      { value: busy },
    ]);
  });

  it("a sale that has no line is refused, and the shopper may try again", async () => {
    const lane = bindings.QUEUE_LANE.getByName("unopened/0");
    expect(await lane.join("ada", NOON_MS, 1)).toEqual({ ok: false, code: "not_found" });
    expect(await lane.join("ada", NOON_MS, 1)).toEqual({ ok: false, code: "not_found" });
    expect(await rowsOf(lane, "SELECT last_seq, joins FROM waiting")).toEqual([
      { last_seq: 1, joins: JSON.stringify([[1, NOON_MS, "ada"]]) },
    ]);
    expect(await rowsOf(lane, "SELECT binding FROM place")).toEqual([]);
  });
});

describe("claiming", () => {
  it("is held while there is no room, and answered within about a second either way", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    await line.tick();
    await line.sequencer.adjust({ queueAll: true });
    expect(await line.claim("ada", 1)).toMatchObject({ state: "placed", claimedAtMs: null });
    const held = line.claim("ada", 1);
    await line.sequencer.adjust({ queueAll: false });
    expect(await held).toMatchObject({ state: "granted", claimedAtMs: clock.now() });
  });

  it("is not held while the line stands: one call to the sequencer, and its answer", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    await line.tick();
    await line.sequencer.command("pause");
    expect(await line.lane(0).claim("ada", 1, true)).toMatchObject({ state: "placed" });
    expect((await line.sequencer.stats())?.calls["lane.claims"]).toBe(1);
  });

  it("keeps the times that were granted", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    const { receipt } = placed(await line.join("ada"));
    await line.tick();
    const granted = await line.claim("ada", 1);
    expect(granted).toMatchObject({
      ok: true,
      first: false,
      number: 1,
      state: "granted",
      claimedAtMs: clock.now(),
      expiresAtMs: clock.now() + SESSION_MS,
    });
    clock.advance(10 * SECOND_MS);
    expect(await line.claim("ada", 1)).toEqual(granted);
    expect(await line.join("ada")).toEqual({ ...granted, receipt });
  });

  it("a granted claim is answered from the lane's own row: one call to the sequencer a shopper", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    await line.tick();
    const answers = await Promise.all(Array.from({ length: 10 }, () => line.claim("ada", 1)));
    await line.claim("ada", 1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await line.lane(0).stats()).toEqual({ "shopper.join": 1, "shopper.claim": 11 });
    const claims = (await line.sequencer.stats())?.calls["lane.claims"];
    expect(claims).toBeLessThanOrEqual(10);
    await line.claim("ada", 1);
    expect((await line.sequencer.stats())?.calls["lane.claims"]).toBe(claims);
    expect(await line.counters()).toMatchObject({ inside: 1 });
  });

  it("needs a place of one's own, and shows the right number to a wrong one", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.joinInOrder("ada", "bob");
    await line.tick();
    expect(await line.claim("eve", 1)).toEqual({ ok: false, code: "ticket_invalid" });
    expect(await line.claim("bob", 1)).toMatchObject({ number: 2, state: "placed" });
    expect(await line.counters()).toMatchObject({ inside: 0 });
  });
});

describe("a shopper who did not come", () => {
  it("is told so, and gets a new number when they rejoin", async () => {
    const line = await openLine({ queue: { lanes: 1, claimSeconds: 90 } });
    await line.joinInOrder("ada", "bob");
    await line.tick();
    clock.advance(90 * SECOND_MS);
    await line.tick();
    expect(await line.claim("ada", 1)).toMatchObject({ number: 1, state: "lapsed" });
    expect(await line.claim("ada", 1)).toMatchObject({ number: 1, state: "lapsed" });
    expect(await line.join("ada")).toMatchObject({ first: true, number: 3, state: "placed" });
    expect(await line.claim("ada", 1)).toMatchObject({ number: 3, state: "placed" });
    clock.advance(SECOND_MS);
    await line.tick();
    expect(await line.claim("ada", 3)).toMatchObject({ number: 3, state: "granted" });
  });

  it("gets a new number when their pass has expired, not before", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    await line.tick();
    await line.claim("ada", 1);
    clock.advance(SESSION_MS - 1);
    expect(await line.join("ada")).toMatchObject({ first: false, number: 1, state: "granted" });
    clock.advance(1);
    expect(await line.join("ada")).toMatchObject({
      first: true,
      number: 2,
      state: "placed",
      claimedAtMs: null,
      expiresAtMs: null,
    });
  });
});

describe("leaving", () => {
  it("gives the place back, once, and a new join gets a new number at the end", async () => {
    const line = await openLine({ queue: { lanes: 1, totalActiveUsers: 1 } });
    await line.joinInOrder("ada", "bob");
    await line.tick();
    await line.claim("ada", 1);
    expect(await line.leave("ada", 1)).toMatchObject({ ok: true, number: 1, state: "left" });
    expect(await line.leave("ada", 1)).toMatchObject({ ok: true, state: "left" });
    expect(await line.counters()).toMatchObject({ inside: 0 });
    expect(await line.claim("ada", 1)).toMatchObject({ state: "left" });
    clock.advance(SECOND_MS);
    await line.tick();
    expect(await line.claim("bob", 2)).toMatchObject({ state: "granted" });
    expect(await line.join("ada")).toMatchObject({ first: true, number: 3 });
  });

  it("is refused to anyone without this place", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.joinInOrder("ada", "bob");
    const refusal = { ok: false, code: "ticket_invalid" };
    expect(await line.leave("eve", 1)).toEqual(refusal);
    expect(await line.leave("bob", 1)).toEqual(refusal);
    expect(await line.join("ada")).toMatchObject({ first: false, number: 1 });
  });

  it("and claiming at the same moment come to one outcome that both tell", async () => {
    const line = await openLine({ queue: { lanes: 1 } });
    await line.join("ada");
    await line.tick();
    const [claimed, left] = await runInDurableObject(line.lane(0), (lane) =>
      Promise.all([lane.claim("ada", 1), lane.leave("ada", 1)]),
    );
    expect(left).toMatchObject({ state: "left" });
    expect(claimed).toMatchObject({ state: "left" });
    clock.advance(SECOND_MS);
    await line.tick();
    expect(await line.counters()).toMatchObject({ inside: 0, openInvitations: 0 });
  });
});
