import { assert, constantFrom, integer, property, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FAN_OUT_MAX,
  LIVE_SHARDS,
  liveRootName,
  liveShardName,
  liveShardOf,
  parseLiveRootName,
  parseLiveShardName,
} from "./live-tree.ts";
import { REGIONS } from "./region.ts";

describe("the tree", () => {
  it("has no more branches anywhere than its fan-out allows", () => {
    expect(REGIONS.length).toBeLessThanOrEqual(FAN_OUT_MAX);
    expect(LIVE_SHARDS).toBeLessThanOrEqual(FAN_OUT_MAX);
    expect(FAN_OUT_MAX).toBeLessThanOrEqual(64);
  });

  it("spreads a crowd evenly over the shards of a region", () => {
    const crowd = 32_000;
    const counts = Array.from({ length: LIVE_SHARDS }, () => 0);
    for (let shopper = 0; shopper < crowd; shopper++) {
      const shard = liveShardOf(`binding-${shopper}`);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.max(...counts)).toBeLessThan((crowd / LIVE_SHARDS) * 1.2);
    expect(Math.min(...counts)).toBeGreaterThan((crowd / LIVE_SHARDS) * 0.8);
  });
});

describe("the names of its objects", () => {
  it("are read back as they were written, also when the sale's id holds a slash", () => {
    const anySaleId = stringMatching(/^[a-z0-9/_-]{1,12}$/);
    const anyRegion = constantFrom(...REGIONS);
    const anyShard = integer({ min: 0, max: LIVE_SHARDS - 1 });
    assert(
      property(anySaleId, anyRegion, anyShard, (saleId, region, shard) => {
        const root = { saleId, region };
        expect(parseLiveRootName(liveRootName(root))).toEqual(root);
        expect(parseLiveShardName(liveShardName({ ...root, shard }))).toEqual({ ...root, shard });
      }),
    );
    expect(liveShardName({ saleId: "drop", region: "weur", shard: 7 })).toBe("drop/weur/7");
  });

  it.each(["", "drop", "/weur", "drop/", "drop/mars", "drop/WEUR", "drop/weur/7", "drop/7"])(
    "%j is no root's",
    (name) => {
      expect(() => parseLiveRootName(name)).toThrow("names the root of a region");
    },
  );

  it.each(["", "drop/7", "drop/weur", "drop/weur/", "drop/weur/-1", "drop/weur/1e1", "/weur/7"])(
    "%j is no shard's",
    (name) => {
      expect(() => parseLiveShardName(name)).toThrow("Invariant broken");
    },
  );
});
