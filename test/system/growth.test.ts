import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { countTurn, type Row } from "../../bench/growth/rounds.ts";
import { scansOf } from "../../bench/growth/scans.ts";
import { OBJECT_ROWS, PURCHASE_ROWS_LATER } from "../../bench/capacity/rows.ts";
import type { Kind } from "../../bench/growth/kinds.ts";
import { countStart, openWorld } from "../../bench/growth/worlds.ts";
import { bindings, uniqueName } from "./support/objects.ts";

/** A line needs some thousands, of whom some wait, some are invited and some inside. */
const SIZES: Record<Kind, readonly [small: number, large: number]> = {
  item: [1_000, 20_000],
  line: [10_000, 24_000],
  lane: [1_000, 20_000],
};

const OBJECTS = {
  item: bindings.SKU,
  line: bindings.QUEUE_SEQUENCER,
  lane: bindings.QUEUE_LANE,
};

/** Runs in a fresh object of a kind. */
function inObject(kind: Kind, run: (state: DurableObjectState) => Promise<Row[]>): Promise<Row[]> {
  const object = OBJECTS[kind].getByName(`${uniqueName(kind)}/0`);
  return runInDurableObject(object as DurableObjectStub, (_, state) => run(state));
}

function rowsOf(kind: Kind, size: number): Promise<Row[]> {
  return inObject(kind, async (state) => countTurn(await openWorld(kind, state, size)));
}

describe("what has gone before costs nothing", () => {
  it.each(Object.entries(SIZES) as [Kind, readonly [number, number]][])(
    "a command of an object (%s) reads and writes the same rows by the same plans, and goes through no table",
    async (kind, [small, large]) => {
      const few = await rowsOf(kind, small);
      const many = await rowsOf(kind, large);
      expect(many).toEqual(few);
      expect(many.length).toBeGreaterThan(7);
      for (const { name, plans } of many)
        expect({ name, scans: scansOf(plans) }).toEqual({ name, scans: [] });
    },
  );

  it("a sale that draws its places starts in one transaction, and tells the seed in a second", async () => {
    const few = await inObject("line", (state) => countStart(state, 1_000));
    const many = await inObject("line", (state) => countStart(state, 24_000));
    expect(many).toEqual(few);
    expect(many[0]).toMatchObject({ commits: 2, rowsWritten: 9 });
  });

  it("the capacity model knows what each command writes", async () => {
    const written = async (kind: Kind) => {
      const rows = await rowsOf(kind, SIZES[kind][0]);
      return Object.fromEntries(rows.map(({ name, rowsWritten }) => [name, rowsWritten]));
    };
    const { purchase, checkout, paymentConfirmed, paymentCaptured } = OBJECT_ROWS;
    const atOnce = purchase.each - PURCHASE_ROWS_LATER;
    expect(await written("item")).toMatchObject({
      purchase: atOnce + purchase.commit,
      "100 purchases in one commit": 100 * atOnce + purchase.commit,
      checkout: checkout.each,
      "payment due, by alarm": OBJECT_ROWS.paymentDue.each,
      "payment confirmed": paymentConfirmed.each,
      "payment captured": paymentCaptured.each,
    });
    const { lineClaim, lineJoin, lineReport, laneClaim, laneJoin } = OBJECT_ROWS;
    expect(await written("line")).toMatchObject({
      join: lineJoin.each + lineJoin.commit,
      "25 joins in one batch": 25 * lineJoin.each + lineJoin.commit,
      claim: lineClaim.each + lineClaim.commit,
      "25 claims in one batch": 25 * lineClaim.each + lineClaim.commit,
      "report of an item, 10 have bought": 10 * lineReport.each + lineReport.commit,
      tick: OBJECT_ROWS.lineTick.commit,
    });
    expect(await written("lane")).toMatchObject({
      join: laneJoin.each + laneJoin.commit,
      "25 joins in one batch": 25 * laneJoin.each + laneJoin.commit,
      claim: laneClaim.each,
    });
  });
});
