import { describe, expect, it } from "vitest";
import type { ChainRow } from "./chain.ts";
import { compareMirror, type MirrorRow } from "./mirror.ts";
import { chainOf } from "./testing/chains.ts";

const ROWS = chainOf(["a", "b", "c", "d", "e", "f"]);

function findings(mirror: readonly MirrorRow[], rows = ROWS, through = rows.length): string[] {
  const found = compareMirror("item/phone", rows, mirror, through);
  expect(found.every(({ chain, seenBy }) => chain === "item/phone" && seenBy === "mirror")).toBe(
    true,
  );
  return found.map(({ kind, sequence }) => `${kind} ${sequence}`);
}

function changed(sequence: number, by: Partial<MirrorRow>): MirrorRow[] {
  return ROWS.map((row) => (row.sequence === sequence ? { ...row, ...by } : row));
}

/** The row with the hash that another chain has there. */
function hashOf(row: ChainRow, others: readonly ChainRow[]): MirrorRow {
  return { ...row, hash: others[row.sequence - 1]?.hash ?? null };
}

describe("the copy of a chain in the database", () => {
  it.each<[string, MirrorRow[], string[]]>([
    ["is the same", ROWS, []],
    [
      "was written by an older version, without hashes",
      ROWS.map((row) => ({ ...row, hash: null })),
      [],
    ],
    ["has another text", changed(3, { text: "x" }), ["changed 3"]],
    ["has another text and no hash", changed(3, { text: "x", hash: null }), ["changed 3"]],
    ["has another hash", changed(3, { hash: "x" }), ["changed 3"]],
    ["has another text and its hash", changed(3, { text: "x", hash: "x" }), ["changed 3"]],
    ["lacks a row", ROWS.filter(({ sequence }) => sequence !== 3), ["missing 3"]],
    [
      "lacks rows",
      ROWS.filter(({ sequence }) => ![2, 3, 6].includes(sequence)),
      ["missing 2", "missing 6"],
    ],
    ["has a row more", [...ROWS, { sequence: 7, text: "g", hash: "g" }], ["added 7"]],
    [
      "is of another chain from a row on",
      chainOf(["x", "d", "e", "f"], ROWS.slice(0, 2)),
      ["forked 3"],
    ],
    [
      "is of another chain from a row on, and differs again",
      chainOf(["x", "d", "y", "f"], ROWS.slice(0, 2)),
      ["forked 3", "changed 5"],
    ],
  ])("%s", (_, mirror, found) => {
    expect(findings(mirror)).toEqual(found);
  });

  it("is told of anew where it differs again after it was the same", () => {
    const others = chainOf(["x", "y", "x", "x", "x"]);
    const mirror = ROWS.map((row) =>
      [2, 3, 5].includes(row.sequence) ? hashOf(row, others) : row,
    );
    expect(findings(mirror)).toEqual(["forked 2", "changed 5"]);
  });

  it("need not have what is not acknowledged yet, and may have it", () => {
    expect(findings(ROWS.slice(0, 4), ROWS, 4)).toEqual([]);
    expect(findings(ROWS, ROWS, 4)).toEqual([]);
    expect(findings(ROWS.slice(0, 3), ROWS, 4)).toEqual(["missing 4"]);
    expect(findings(changed(6, { text: "x" }), ROWS, 4)).toEqual(["changed 6"]);
  });

  it("lacks nothing of an empty stretch", () => {
    expect(findings([], [] as ChainRow[])).toEqual([]);
  });
});
