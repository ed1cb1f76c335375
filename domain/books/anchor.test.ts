import { describe, expect, it } from "vitest";
import { sha256Hex } from "../hash.ts";
import { ANCHOR_MAX_HEADS, anchorRoot, anchorsOf, movementOf, partInTurn } from "./anchor.ts";
import type { ChainHead } from "./chain.ts";

function head(chain: string, sequence: number, hash = `${chain}-${sequence}`): ChainHead {
  return { chain, sequence, hash };
}

describe("anchors", () => {
  it("have their heads by name and one hash of them that anybody can recompute", () => {
    const [anchor] = anchorsOf([head("sale/b", 2), head("item/a", 7)]);
    expect(anchor?.heads).toEqual([head("item/a", 7), head("sale/b", 2)]);
    expect(anchor?.root).toBe(sha256Hex("item/a 7 item/a-7\nsale/b 2 sale/b-2\n"));
    expect(anchorsOf([])).toEqual([]);
  });

  it("are as many as it takes for any number of heads, each small enough for a message", () => {
    const name = "x".repeat(64);
    const heads = Array.from({ length: 2 * ANCHOR_MAX_HEADS + 1 }, (_, index) =>
      head(`item/${index}${name}`.slice(0, 69), 10_000_000, sha256Hex(name)),
    );
    const anchors = anchorsOf(heads);
    expect(anchors.map(({ heads }) => heads.length)).toEqual([400, 400, 1]);
    expect(anchors.flatMap(({ heads }) => heads)).toHaveLength(heads.length);
    expect(Math.max(...anchors.map((anchor) => JSON.stringify(anchor).length))).toBeLessThan(
      100_000,
    );
    for (const { heads, root } of anchors) expect(root).toBe(anchorRoot(heads));
  });
});

describe("what became of chains since they were anchored", () => {
  const last = new Map([["item/a", head("item/a", 5)]]);

  it.each<[string, ChainHead, "moved" | "behind" | null]>([
    ["it was never anchored", head("item/b", 1), "moved"],
    ["it went on", head("item/a", 6), "moved"],
    ["it stands where it stood", head("item/a", 5), null],
    ["it was cut back", head("item/a", 4), "behind"],
    ["its last row is another", head("item/a", 5, "other"), "behind"],
  ])("%s", (_, now, expected) => {
    const { moved, behind } = movementOf([now], (chain) => last.get(chain) ?? null);
    expect({ moved, behind }).toEqual({
      moved: [],
      behind: [],
      ...(expected ? { [expected]: [now] } : {}),
    });
  });
});

describe("turns", () => {
  it.each([
    [0, 20, [0, 0, 0]],
    [20, 20, [0, 0, 0]],
    [21, 20, [0, 20, 0]],
    [60, 20, [0, 20, 40, 0]],
  ])("of %i by %i begin at %j", (count, partMax, begins) => {
    expect(begins.map((_, turn) => partInTurn(count, partMax, turn))).toEqual(begins);
  });
});
