import { describe, expect, it } from "vitest";
import { breachesOf } from "./item.ts";

/** A run in which three of four got the three units that there were. */
function run() {
  return {
    orderIds: ["a", "b", "c"],
    refused: 1,
    wanted: 4,
    wrong: 0,
    stock: 3,
    stats: { level: { stock: 3, available: 0, held: 3, sold: 0 }, calls: {}, commits: 1 },
    kept: { orderIds: ["c", "a", "b"], broken: 0 },
  };
}

describe("what a run of the intakes has kept", () => {
  it("is what was told", () => {
    expect(breachesOf(run())).toEqual([]);
  });

  it.each<[string, Partial<ReturnType<typeof run>>]>([
    ["1 orders told and not kept", { kept: { orderIds: ["a", "b"], broken: 0 } }],
    ["1 orders kept and told nobody", { kept: { orderIds: ["a", "b", "c", "d"], broken: 0 } }],
    ["orders kept more than once", { kept: { orderIds: ["a", "a", "b", "c"], broken: 0 } }],
    ["1 orders told more than once", { orderIds: ["a", "b", "c", "c"], refused: 0 }],
    ["2 answers of somebody else's purchase", { wrong: 2, wanted: 6 }],
    ["1 rows that do not follow from the one before", { kept: { ...run().kept, broken: 1 } }],
    ["the counters do not balance", { stock: 2 }],
    ["purchases without an answer", { wanted: 5 }],
    [
      '1 told "sold out" while 2 are there',
      { stock: 5, stats: { ...run().stats, level: { stock: 5, available: 2, held: 3, sold: 0 } } },
    ],
  ])("is not: %s", (sentence, changes) => {
    expect(breachesOf({ ...run(), ...changes })).toContain(sentence);
  });
});
