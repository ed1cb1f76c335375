import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../../domain/queue/permutation-vectors.json" with { type: "json" };
import { permute } from "../../domain/queue/permutation.ts";
import { isPermutation, permutation } from "./permutation.ts";

describe("the permutation", () => {
  it.each(vectors)("of $count is that of the published vectors", ({ seed, count, places }) => {
    const all = permutation(seed, count);
    for (const [index = 0, place = 0] of places) expect(all[index]).toBe(place);
    expect(isPermutation(all)).toBe(true);
  });

  it("is the one that the server draws by", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 300 }), (seed, count) => {
        const places = Array.from({ length: count }, (_, at) => permute(seed, at + 1, count));
        expect([...permutation(seed, count)].slice(1)).toEqual(places);
      }),
      { numRuns: 20 },
    );
  });

  it("of nobody is nothing", () => {
    expect(permutation("seed", 0)).toHaveLength(1);
  });

  it("has nobody twice", () => {
    expect(isPermutation(Int32Array.of(0, 2, 1, 3))).toBe(true);
    expect(isPermutation(Int32Array.of(0, 2, 1, 2))).toBe(false);
    expect(isPermutation(Int32Array.of(0, 2, 4, 1))).toBe(false);
  });
});
