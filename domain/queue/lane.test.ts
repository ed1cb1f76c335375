import { assert, integer, property, string, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import { LANES_MAX } from "../limits.ts";
import { laneName, laneOf, parseLaneName } from "./lane.ts";

describe("the lane of a shopper", () => {
  it("never changes and lies inside the lanes", () => {
    assert(
      property(string(), integer({ min: 1, max: LANES_MAX }), (binding, lanes) => {
        const lane = laneOf(binding, lanes);
        expect(laneOf(binding, lanes)).toBe(lane);
        expect(Number.isInteger(lane) && lane >= 0 && lane < lanes).toBe(true);
      }),
    );
  });

  it.each([
    ["0123456789abcdefghijkl", 1, 0],
    ["0123456789abcdefghijkl", 8, 7],
    ["0123456789abcdefghijkl", 128, 63],
    ["AAAAAAAAAAAAAAAAAAAAAA", 8, 1],
    ["AAAAAAAAAAAAAAAAAAAAAA", 100, 37],
    ["AAAAAAAAAAAAAAAAAAAAAA", 128, 81],
  ])("of %s among %i is %i in every release: a place lives there", (binding, lanes, lane) => {
    expect(laneOf(binding, lanes)).toBe(lane);
  });

  it("spreads a crowd evenly: no lane gets more than a fifth above its share", () => {
    const lanes = 8;
    const crowd = 8_000;
    const counts = Array.from({ length: lanes }, () => 0);
    for (let shopper = 0; shopper < crowd; shopper++) {
      const lane = laneOf(`binding-${shopper}`, lanes);
      counts[lane] = (counts[lane] ?? 0) + 1;
    }
    expect(Math.max(...counts)).toBeLessThan((crowd / lanes) * 1.2);
    expect(Math.min(...counts)).toBeGreaterThan((crowd / lanes) * 0.8);
  });
});

describe("the name of a lane", () => {
  it("is read back as it was written, also when the sale's id holds a slash", () => {
    const anySaleId = stringMatching(/^[a-z0-9/_-]{1,12}$/);
    assert(
      property(anySaleId, integer({ min: 0, max: LANES_MAX - 1 }), (saleId, lane) => {
        expect(parseLaneName(laneName(saleId, lane))).toEqual({ saleId, lane });
      }),
    );
    expect(parseLaneName("spring/drop/7")).toEqual({ saleId: "spring/drop", lane: 7 });
  });

  it.each(["", "drop", "/3", "drop/", "drop/x", "drop/-1", "drop/1.5", "drop/1e2", "drop/ 3"])(
    "%j is none",
    (name) => {
      expect(() => parseLaneName(name)).toThrow("names a lane");
    },
  );
});
