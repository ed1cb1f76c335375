import { assert as assertProperty, integer, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "../hash.ts";
import vectors from "./permutation-vectors.json" with { type: "json" };
import { permute, PERMUTATION_MAX_COUNT, unpermute } from "./permutation.ts";

/** Made once by another implementation (Python's `hmac`), so that they say what the comment says. */
const VECTORS = vectors as {
  seed: string;
  count: number;
  places: [index: number, place: number][];
}[];

/** So many orders are drawn where the question is how often something happens. */
const SEEDS = 400;
/** Some 100,000 hashes take seconds on a busy machine. */
const TIMEOUT_MS = 30_000;

type Permutation = (seed: string, index: number, count: number) => number;

function placesOf(permutation: Permutation, seed: string, count: number): number[] {
  return Array.from({ length: count }, (_, at) => permutation(seed, at + 1, count));
}

function isBijection(permutation: Permutation, seed: string, count: number): boolean {
  const places = new Set(placesOf(permutation, seed, count));
  return places.size === count && [...places].every((place) => place >= 1 && place <= count);
}

/**
 * Chi-square of how often each of `count` indexes came to each place, over many seeds. About
 * `(count - 1)^2` when all orders are alike; its standard deviation is about 1.4 times the root.
 */
function chiSquare(permutation: Permutation, count: number, seeds: number): number {
  const hits = Array.from({ length: count }, () => Array.from({ length: count }, () => 0));
  for (let seed = 0; seed < seeds; seed++)
    for (const [index, place] of placesOf(permutation, sha256Hex(`${seed}`), count).entries()) {
      const row = hits[index] ?? [];
      row[place - 1] = (row[place - 1] ?? 0) + 1;
    }
  const expected = seeds / count;
  return hits.flat().reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
}

/** Six standard deviations above the mean: no seed list of ours is that unlucky. */
function chiSquareMax(count: number): number {
  const freedom = (count - 1) ** 2;
  return freedom + 6 * Math.sqrt(2 * freedom);
}

/** Broken on purpose: what falls outside is folded back instead of being walked on. */
const folding: Permutation = (seed, index, count) =>
  ((permute(seed, index, 4 ** Math.ceil(Math.log2(count) / 2)) - 1) % count) + 1;

/** Broken on purpose: a single round leaves one half of the number where it was. */
const singleRound: Permutation = (seed, index, count) => {
  const side = Math.sqrt(count);
  const [left, right] = [Math.floor((index - 1) / side), (index - 1) % side];
  const mask = Number.parseInt(sha256Hex(`${seed}/${right}`).slice(0, 8), 16) % side;
  return right * side + (left ^ mask) + 1;
};

describe("the permutation of early entrants", { timeout: TIMEOUT_MS }, () => {
  it.each(VECTORS)("of $count with $seed stays what it was", ({ seed, count, places }) => {
    for (const [index, place] of places) {
      expect(permute(seed, index, count), `${index}`).toBe(place);
      expect(unpermute(seed, place, count), `${place}`).toBe(index);
    }
  });

  it("gives every place once, for every count up to 120", () => {
    for (let count = 1; count <= 120; count++)
      expect(isBijection(permute, "seed", count), `${count}`).toBe(true);
  });

  it.each([1_024, 1_025])("gives every place once of %i", (count) => {
    expect(isBijection(permute, "seed", count)).toBe(true);
  });

  it("is undone by its inverse, for any seed and any count up to ten million", () => {
    const anyCount = integer({ min: 1, max: PERMUTATION_MAX_COUNT });
    const anyPlace = anyCount.chain((count) =>
      integer({ min: 1, max: count }).map((index) => ({ index, count })),
    );
    assertProperty(
      property(string(), anyPlace, (seed, { index, count }) => {
        const place = permute(seed, index, count);
        expect(place).toBeGreaterThanOrEqual(1);
        expect(place).toBeLessThanOrEqual(count);
        expect(unpermute(seed, place, count)).toBe(index);
      }),
      { numRuns: 200 },
    );
  });

  it.each([5, 10, 16])("prefers no place among %i", (count) => {
    expect(chiSquare(permute, count, SEEDS)).toBeLessThan(chiSquareMax(count));
  });

  it("prefers no tenth of the line, for early and late entrants alike", () => {
    const hits = Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => 0));
    for (let seed = 0; seed < SEEDS; seed++)
      for (let tenth = 0; tenth < 10; tenth++) {
        const place = permute(sha256Hex(`${seed}`), tenth * 100_000 + 1 + seed, 1_000_000);
        const row = hits[tenth] ?? [];
        const column = Math.floor((place - 1) / 100_000);
        row[column] = (row[column] ?? 0) + 1;
      }
    // Ten rows of nine degrees of freedom.
    const chi = hits.flat().reduce((sum, seen) => sum + (seen - SEEDS / 10) ** 2 / (SEEDS / 10), 0);
    expect(chi).toBeLessThan(90 + 6 * Math.sqrt(180));
  });

  it("is another one for another seed or count", () => {
    const places = placesOf(permute, "seed", 200);
    expect(placesOf(permute, "Seed", 200)).not.toEqual(places);
    const others = Array.from({ length: 200 }, (_, at) => permute("seed", at + 1, 201));
    expect(others).not.toEqual(places);
  });

  it("is tested by what finds broken ones", () => {
    expect(isBijection(folding, "seed", 100)).toBe(false);
    expect(isBijection(singleRound, "seed", 16)).toBe(true);
    expect(chiSquare(singleRound, 16, SEEDS)).toBeGreaterThan(chiSquareMax(16));
  });

  it.each([
    [0, 5],
    [6, 5],
    [1.5, 5],
    [1, 0],
    [1, PERMUTATION_MAX_COUNT + 1],
  ])("refuses index %d of %d", (index, count) => {
    expect(() => permute("seed", index, count)).toThrow("Invariant broken");
    expect(() => unpermute("seed", index, count)).toThrow("Invariant broken");
  });
});
