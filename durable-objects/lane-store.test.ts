import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { bindings, uniqueName } from "../test/system/support/objects.ts";
import { NOON_MS } from "../test/system/support/samples.ts";
import { LANE_MIGRATIONS, LaneStore } from "./lane-store.ts";

/** Runs with the storage of a fresh lane. */
function withStorage<Result>(run: (storage: DurableObjectStorage) => Result): Promise<Result> {
  const lane = bindings.QUEUE_LANE.getByName(`${uniqueName("drop")}/0`);
  return runInDurableObject(lane, (_, { storage }) => run(storage));
}

const NOTE = "a signed head";

const join = (laneSeq: number, binding = `shopper-${laneSeq}`) => ({
  binding,
  laneSeq,
  arrivedAtMs: NOON_MS + laneSeq,
});
const numbered = (laneSeq: number) => ({
  laneSeq,
  number: 100 + laneSeq,
  logged: { index: 200 + laneSeq, text: `{"entry":${laneSeq}}` },
});
const waitingOf = (store: LaneStore) => store.waiting.oldest(10).map(({ laneSeq }) => laneSeq);
const rowsIn = ({ sql }: DurableObjectStorage) =>
  sql.exec<{ joins: string }>("SELECT joins FROM waiting").toArray().length;

describe("a join without a number", () => {
  it("is found behind those that came later and have one, until it has one too", async () => {
    const seen = await withStorage((storage) => {
      const store = new LaneStore(storage);
      store.writeWaiting([join(1)]);
      store.writeWaiting([join(2), join(3)]);
      store.writeWaiting([join(4)]);
      const states = [{ waiting: waitingOf(store), rows: rowsIn(storage) }];
      for (const laneSeqs of [[2], [4, 3], [1]]) {
        store.writeNumbers(laneSeqs.map(numbered), NOTE);
        states.push({ waiting: waitingOf(new LaneStore(storage)), rows: rowsIn(storage) });
      }
      return states;
    });
    expect(seen).toEqual([
      { waiting: [1, 2, 3, 4], rows: 3 },
      { waiting: [1, 3, 4], rows: 3 },
      { waiting: [1], rows: 1 },
      { waiting: [], rows: 0 },
    ]);
  });

  it("is found by its shopper, among others, whether or not they have a place that is over", async () => {
    const seen = await withStorage((storage) => {
      const store = new LaneStore(storage);
      store.writeWaiting([join(1), join(2)]);
      store.writeNumbers([numbered(1)], NOTE);
      store.writeWaiting([join(3, "shopper-1"), join(4)]);
      return {
        waiting: [...store.waiting.of(["shopper-1", "shopper-2", "nobody"]).values()],
        has: ["shopper-4", "nobody"].map((binding) => store.waiting.has(binding)),
        before: store.place("shopper-1")?.number,
      };
    });
    expect(seen).toEqual({
      waiting: [join(2), join(3, "shopper-1")],
      has: [true, false],
      before: 101,
    });
  });
});

describe("a number", () => {
  it("comes with the join as it was stored and with its receipt, and takes the place of one that was left", async () => {
    const seen = await withStorage((storage) => {
      const store = new LaneStore(storage);
      const answers = [1, 2].map((laneSeq) => {
        store.writeWaiting([join(laneSeq, "ada"), join(laneSeq + 10)]);
        store.writeNumbers([numbered(laneSeq), numbered(laneSeq + 10)], `${NOTE} ${laneSeq}`);
        const place = store.place("ada");
        const receipt = place && store.receipt(place);
        store.writeGrant("ada", 100 + laneSeq, 20, 30);
        store.writeDeparture("ada", 100 + laneSeq);
        store.markTold(100 + laneSeq);
        return { place, receipt };
      });
      const other = store.place("shopper-11");
      return { answers, other: other && store.receipt(other) };
    });
    expect(seen.answers).toEqual(
      [1, 2].map((laneSeq) => ({
        place: {
          ...join(laneSeq, "ada"),
          number: 100 + laneSeq,
          state: "placed",
          isUntold: false,
          claimedAtMs: null,
          expiresAtMs: null,
          proof: { index: 200 + laneSeq, checkpoint: laneSeq, leaf: null },
        },
        receipt: {
          index: 200 + laneSeq,
          leaf: `{"entry":${laneSeq}}`,
          checkpoint: `${NOTE} ${laneSeq}`,
        },
      })),
    );
    expect(seen.other).toMatchObject({ leaf: '{"entry":11}', checkpoint: `${NOTE} 1` });
  });

  it("that is there stays, whatever is answered after it", async () => {
    const seen = await withStorage((storage) => {
      const store = new LaneStore(storage);
      store.writeWaiting([join(1, "ada"), join(2, "bob")]);
      store.writeNumbers([numbered(1)], NOTE);
      store.writeGrant("ada", 101, 20, 30);
      store.writeNumbers([{ laneSeq: 1, number: 7 }, numbered(2)], NOTE);
      // As a version from before would have it, that does not see who waits.
      store.writeWaiting([join(3, "bob")]);
      storage.sql.exec("UPDATE place SET lane_seq = 4 WHERE binding = 'bob'");
      store.writeNumbers([numbered(3)], NOTE);
      return [...store.places(["ada", "bob"]).values()].map(({ number, state }) => [number, state]);
    });
    expect(seen).toEqual([
      [101, "granted"],
      [102, "placed"],
    ]);
  });
});

describe("places of the version before", () => {
  it("are all there with their receipts, and so are those that have no number", async () => {
    const seen = await withStorage((storage) => {
      const { sql } = storage;
      sql.exec("DROP TABLE place; DROP TABLE counter; DROP TABLE checkpoint; DROP TABLE waiting;");
      for (const migration of LANE_MIGRATIONS.slice(0, -1)) sql.exec(migration);
      sql.exec("DELETE FROM migration WHERE version = ?", LANE_MIGRATIONS.length);
      sql.exec(
        `UPDATE counter SET lane_seq = 4;
         INSERT INTO checkpoint (id, note) VALUES (5, '${NOTE}');
         INSERT INTO place (binding, lane_seq, arrived_at_ms, number, state, untold, claimed_at_ms, expires_at_ms,
             leaf, log_index, checkpoint)
         VALUES ('zoe', 1, 11, 101, 'granted', 0, 20, 30, 'her entry', 7, 5),
           ('ada', 2, 12, NULL, 'placed', 0, NULL, NULL, NULL, NULL, NULL),
           ('bob', 3, 13, 103, 'left', 1, NULL, NULL, NULL, NULL, NULL),
           ('cyd', 4, 14, NULL, 'placed', 0, NULL, NULL, NULL, NULL, NULL);`,
      );
      const store = new LaneStore(storage);
      const places = [...store.places(["zoe", "ada", "bob", "cyd"]).values()];
      const receipts = places.map((place) => store.receipt(place));
      const waiting = store.waiting.oldest(10);
      const untold = store.untoldDepartures(10);
      return { places, receipts, waiting, untold, laneSeq: store.laneSeq() };
    });
    expect(seen).toMatchObject({
      places: [
        { binding: "bob", laneSeq: 3, number: 103, state: "left", isUntold: true },
        {
          binding: "zoe",
          laneSeq: 1,
          arrivedAtMs: 11,
          number: 101,
          state: "granted",
          claimedAtMs: 20,
          expiresAtMs: 30,
        },
      ],
      receipts: [null, { leaf: "her entry", index: 7, checkpoint: NOTE }],
      waiting: [
        { binding: "ada", laneSeq: 2, arrivedAtMs: 12 },
        { binding: "cyd", laneSeq: 4, arrivedAtMs: 14 },
      ],
      untold: [{ binding: "bob", number: 103 }],
      laneSeq: 4,
    });
  });
});
