import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { bindings, uniqueName } from "../test/system/support/objects.ts";
import { NOON_MS } from "../test/system/support/samples.ts";
import { LANE_MIGRATIONS, LaneStore, pendingPlace } from "./lane-store.ts";

/** Runs with the storage of a fresh lane. */
function withStorage<Result>(run: (storage: DurableObjectStorage) => Result): Promise<Result> {
  const lane = bindings.QUEUE_LANE.getByName(`${uniqueName("drop")}/0`);
  return runInDurableObject(lane, (_, { storage }) => run(storage));
}

const join = (laneSeq: number) => pendingPlace(`shopper-${laneSeq}`, laneSeq, NOON_MS);
const numbered = (laneSeq: number) => ({ laneSeq, number: 100 + laneSeq });
const pendingOf = (store: LaneStore) => store.pending(10).map(({ laneSeq }) => laneSeq);

describe("a join without a number", () => {
  it("is found behind those that came later and have one, until it has one too", async () => {
    const seen = await withStorage((storage) => {
      const store = new LaneStore(storage);
      store.writePending([join(1)]);
      store.writePending([join(2), join(3)]);
      store.writePending([join(4)]);
      const states = [pendingOf(store)];
      for (const laneSeqs of [[2, 3], [4], [1]]) {
        store.writeNumbers(laneSeqs.map(numbered));
        states.push(pendingOf(new LaneStore(storage)));
      }
      return states;
    });
    expect(seen).toEqual([[1, 2, 3, 4], [1, 4], [1], []]);
  });

  it("is found again when its shopper has left and comes back", async () => {
    const seen = await withStorage((storage) => {
      const store = new LaneStore(storage);
      store.writePending([join(1)]);
      store.writeNumbers([numbered(1)]);
      store.writePending([{ ...join(2), binding: "shopper-1" }]);
      return { pending: pendingOf(store), place: store.place("shopper-1") };
    });
    expect(seen).toMatchObject({ pending: [2], place: { laneSeq: 2, number: null } });
  });
});

describe("places of the version before", () => {
  it("are all there, in the order in which they came, with those that have no number", async () => {
    const seen = await withStorage((storage) => {
      const { sql } = storage;
      sql.exec("DROP TABLE place; DROP TABLE counter; DROP TABLE checkpoint;");
      for (const migration of LANE_MIGRATIONS.slice(0, -1)) sql.exec(migration);
      sql.exec("DELETE FROM migration WHERE version = ?", LANE_MIGRATIONS.length);
      sql.exec(
        `UPDATE counter SET lane_seq = 4;
         INSERT INTO place (binding, lane_seq, arrived_at_ms, number, state, untold, claimed_at_ms, expires_at_ms)
         VALUES ('zoe', 1, 11, 101, 'granted', 0, 20, 30), ('ada', 2, 12, NULL, 'placed', 0, NULL, NULL),
           ('bob', 3, 13, 103, 'left', 1, NULL, NULL), ('cyd', 4, 14, 104, 'placed', 0, NULL, NULL);`,
      );
      const store = new LaneStore(storage);
      const places = [...store.places(["zoe", "ada", "bob", "cyd"]).values()];
      const untold = store.untoldDepartures(10);
      return { places, untold, pending: pendingOf(store), laneSeq: store.laneSeq() };
    });
    expect(seen).toMatchObject({
      untold: [{ binding: "bob", number: 103 }],
      pending: [2],
      laneSeq: 4,
    });
    expect(seen.places.toSorted((a, b) => a.laneSeq - b.laneSeq)).toMatchObject([
      {
        binding: "zoe",
        laneSeq: 1,
        arrivedAtMs: 11,
        number: 101,
        state: "granted",
        claimedAtMs: 20,
        expiresAtMs: 30,
      },
      { binding: "ada", laneSeq: 2, number: null, state: "placed" },
      { binding: "bob", laneSeq: 3, number: 103, state: "left" },
      { binding: "cyd", laneSeq: 4, number: 104, state: "placed" },
    ]);
  });
});
