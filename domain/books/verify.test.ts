import { array, assert, constantFrom, integer, property, string, type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChainHead, ChainRow } from "./chain.ts";
import { chainOf, headOf, renumbered } from "./testing/chains.ts";
import { ChainCheck } from "./verify.ts";

const CHAIN = "sale/drop";

/** What a check of all rows finds, as `kind sequence`, in pages of so many rows. */
function findings(
  rows: readonly ChainRow[],
  head: ChainHead | null,
  anchors: readonly ChainHead[] = [],
  pageRows = 1_000,
): string[] {
  const check = new ChainCheck(CHAIN, anchors);
  const found = [];
  for (let from = 0; from < rows.length; from += pageRows)
    found.push(...check.add(rows.slice(from, from + pageRows)));
  return [...found, ...check.end(head)].map(({ kind, sequence }) => `${kind} ${sequence}`);
}

/** Chains of at least so many rows, and the number of one of them. */
function withRow(
  check: (rows: ChainRow[], picked: number) => void,
  { min = 3, last = 0 }: { min?: number; last?: number } = {},
): void {
  const texts: Arbitrary<string[]> = array(string({ minLength: 1 }), {
    minLength: min,
    maxLength: 12,
  });
  assert(
    property(texts, integer({ min: 0, max: 1_000 }), (texts, dice) => {
      const rows = chainOf(texts);
      check(rows, 1 + (dice % (rows.length - last)));
    }),
  );
}

function replaced(rows: readonly ChainRow[], sequence: number, by: Partial<ChainRow>): ChainRow[] {
  return rows.map((row) => (row.sequence === sequence ? { ...row, ...by } : row));
}

function without(rows: readonly ChainRow[], sequence: number): ChainRow[] {
  return rows.filter((row) => row.sequence !== sequence);
}

/** Puts a row of an own text behind row `after`, chained to it. */
function withRowPutIn(rows: readonly ChainRow[], after: number): ChainRow[] {
  const before = rows.slice(0, after);
  return renumbered([...chainOf(["put in"], before), ...rows.slice(after)]);
}

describe("a chain as it was written", () => {
  it("has nothing wrong with it, also in pages, against head and anchors", () => {
    withRow((rows, picked) => {
      const head = headOf(CHAIN, rows);
      const anchors = [headOf(CHAIN, rows.slice(0, picked)), head];
      expect(findings(rows, head, anchors)).toEqual([]);
      expect(findings(rows, head, anchors, 1)).toEqual([]);
    });
    expect(findings([], headOf(CHAIN, []))).toEqual([]);
  });

  it("may be looked at from any row on", () => {
    withRow((rows, picked) => {
      const check = new ChainCheck(CHAIN, [headOf(CHAIN, rows.slice(0, 1))]);
      check.beginAt(picked - 1);
      expect([...check.add(rows.slice(picked - 1)), ...check.end(headOf(CHAIN, rows))]).toEqual([]);
      expect(check.sequence).toBe(rows.length);
    });
  });
});

describe("any single change of any row is found at that row", () => {
  it("one byte of a text", () => {
    withRow((rows, picked) => {
      const { text = "" } = rows[picked - 1] ?? {};
      const changed = String.fromCharCode(text.charCodeAt(0) ^ 1) + text.slice(1);
      const copy = replaced(rows, picked, { text: changed });
      expect(findings(copy, headOf(CHAIN, rows))).toEqual([`changed ${picked}`]);
    });
  });

  it("one digit of a hash", () => {
    withRow((rows, picked) => {
      const { hash = "" } = rows[picked - 1] ?? {};
      const copy = replaced(rows, picked, {
        hash: (hash.startsWith("0") ? "1" : "0") + hash.slice(1),
      });
      expect(findings(copy, headOf(CHAIN, rows))).toEqual([`changed ${picked}`]);
    });
  });

  it("a row taken out, with or without closing the gap", () => {
    withRow(
      (rows, picked) => {
        const copy = without(rows, picked);
        const head = headOf(CHAIN, rows);
        expect(findings(copy, head)).toEqual([`missing ${picked}`]);
        const [first, ...rest] = findings(renumbered(copy), head);
        expect([first, rest]).toEqual([`changed ${picked}`, [`cut ${rows.length}`]]);
      },
      { last: 1 },
    );
  });

  it("a row put in, with or without making room for it", () => {
    withRow(
      (rows, picked) => {
        const wider = withRowPutIn(rows, picked);
        expect(findings(wider, headOf(CHAIN, wider))).toEqual([`added ${picked + 1}`]);
        const twice = rows.flatMap((row) => (row.sequence === picked ? [row, row] : [row]));
        expect(findings(twice, headOf(CHAIN, rows))).toEqual([`added ${picked}`]);
      },
      { last: 1 },
    );
  });

  it("two rows in each other's place: neighbours as such, others from the first on", () => {
    withRow(
      (rows, picked) => {
        const [one, other] = [rows[picked - 1], rows[picked]];
        if (one?.text === other?.text) return;
        const copy = renumbered(
          rows.toSpliced(picked - 1, 2, ...[other, one].filter((row) => !!row)),
        );
        expect(findings(copy, headOf(CHAIN, rows))).toEqual([`swapped ${picked}`]);
      },
      { last: 1 },
    );
    const rows = chainOf(["a", "b", "c", "d", "e"]);
    const [a, b, c, d, e] = rows as [ChainRow, ChainRow, ChainRow, ChainRow, ChainRow];
    const copy = renumbered([a, d, c, b, e]);
    const found = findings(copy, headOf(CHAIN, rows));
    expect(found).toEqual(["changed 2", "unlinked 3", "unlinked 4", "unlinked 5"]);
  });

  it("a row replaced together with its hash: by the next one, or by the head", () => {
    withRow((rows, picked) => {
      const other = chainOf(["replaced"], rows.slice(0, picked - 1)).at(-1);
      const copy = replaced(rows, picked, other ?? {});
      const isLast = picked === rows.length;
      const where = isLast ? `forked ${picked}` : `changed ${picked + 1}`;
      expect(findings(copy, headOf(CHAIN, rows))).toEqual([where]);
    });
  });

  it("the last rows cut off, or more rows than the head knows of", () => {
    withRow(
      (rows, picked) => {
        const rest = rows.slice(0, picked);
        expect(findings(rest, headOf(CHAIN, rows))).toEqual([`cut ${picked + 1}`]);
        expect(findings(rows, headOf(CHAIN, rest))).toEqual([`added ${picked + 1}`]);
      },
      { last: 1 },
    );
  });
});

describe("what a writer's whole object hides, the anchors tell", () => {
  it("that it was cut back together with its head", () => {
    withRow(
      (rows, picked) => {
        const rest = rows.slice(0, picked);
        const anchors = [headOf(CHAIN, rows)];
        expect(findings(rest, headOf(CHAIN, rest))).toEqual([]);
        expect(findings(rest, headOf(CHAIN, rest), anchors)).toEqual([`cut ${picked + 1}`]);
      },
      { last: 1 },
    );
    expect(findings([], null, [headOf(CHAIN, chainOf(["a"]))])).toEqual(["cut 1"]);
  });

  it("that it was written anew from some row on, and between which anchors", () => {
    withRow((rows, picked) => {
      const anew = chainOf(
        ["anew", ...rows.slice(picked).map(({ text }) => text)],
        rows.slice(0, picked - 1),
      );
      const head = headOf(CHAIN, anew);
      expect(findings(anew, head)).toEqual([]);
      const each = rows.map((_, index) => headOf(CHAIN, rows.slice(0, index + 1)));
      expect(findings(anew, head, each)).toEqual([`forked ${picked}`]);
      expect(findings(anew, head, each, 1)).toEqual([`forked ${picked}`]);
      const sparse = each.filter(({ sequence }) => sequence === 1 || sequence === rows.length);
      expect(findings(anew, head, sparse)).toEqual([`forked ${picked > 1 ? 2 : 1}`]);
    });
  });

  it("and no second time what was found by the chain itself", () => {
    const rows = chainOf(["a", "b", "c", "d"]);
    const each = rows.map((_, index) => headOf(CHAIN, rows.slice(0, index + 1)));
    const kinds = constantFrom("text", "hash");
    assert(
      property(kinds, integer({ min: 1, max: 4 }), (field, picked) => {
        const copy = replaced(rows, picked, { [field]: "0" });
        expect(findings(copy, headOf(CHAIN, rows), each)).toEqual([`changed ${picked}`]);
        if (picked < 4)
          expect(findings(without(rows, picked), headOf(CHAIN, rows), each)).toEqual([
            `missing ${picked}`,
          ]);
      }),
    );
  });
});
