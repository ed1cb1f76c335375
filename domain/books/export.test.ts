import { describe, expect, it } from "vitest";
import type { ChainRow } from "./chain.ts";
import { anchorIn, checkRoot, decodeLine, ExportCheck, type ExportLine } from "./export.ts";
import { chainOf } from "./testing/chains.ts";
import { exportOf, linesOf, textOf } from "./testing/exports.ts";

function findings(lines: readonly string[]): string[] {
  const check = new ExportCheck();
  const found = [...lines.flatMap((line) => check.add(line)), ...check.end()];
  return found.map(({ chain, sequence, kind }) => `${chain} ${sequence} ${kind}`);
}

/** The export without its lines of a kind, a chain or a sequence. */
function without(part: object): ExportLine[] {
  return exportOf().filter((line) =>
    Object.entries(part).some(([name, value]) => line[name as "kind"] !== value),
  );
}

/** The export with its item written anew from a row on, without a trace in the chain itself. */
function anew(from: number): ExportLine[] {
  const isItem = (line: ExportLine): boolean => "chain" in line && line.chain === "item/phone";
  const rows = exportOf().filter((line) => isItem(line) && line.kind === "row") as ChainRow[];
  const texts = rows.slice(from - 1).map(({ text }) => `${text}!`);
  const lines = linesOf("item/phone", chainOf(texts, rows.slice(0, from - 1)));
  const others = exportOf().filter((line) => !isItem(line));
  return [...others.slice(0, -1), ...lines, { kind: "end" }];
}

describe("an export", () => {
  it("as it was written is whole", () => {
    expect(findings(textOf(exportOf()))).toEqual([]);
    const check = new ExportCheck();
    for (const line of textOf(exportOf())) check.add(line);
    expect(check.counts).toEqual({ chains: 3, rows: 11 });
  });

  it("has one place for every byte of every row that was changed", () => {
    for (const [index, line] of exportOf().entries()) {
      if (line.kind !== "row") continue;
      const copy = exportOf().with(index, { ...line, text: `${line.text} ` });
      const found = findings(textOf(copy));
      expect(found).toEqual([`${line.chain} ${line.sequence} changed`]);
    }
  });

  it.each<[string, ExportLine[], string[]]>([
    ["a row", without({ kind: "row", chain: "item/phone", sequence: 2 }), ["item/phone 2 missing"]],
    [
      "the last row",
      without({ kind: "row", chain: "sale/drop", sequence: 3 }),
      ["sale/drop 3 cut"],
    ],
    ["a head", without({ kind: "head", chain: "item/phone" }), ["item/phone 6 cut"]],
    [
      "a whole chain",
      exportOf().filter((line) => !("chain" in line) || line.chain !== "sale/drop"),
      ["sale/drop 1 cut"],
    ],
    ["its end", without({ kind: "end" }), ["export 15 cut"]],
    [
      "the rest of it",
      exportOf().slice(0, 7),
      ["item/phone 4 cut", "sale/drop 1 cut", "export 8 cut"],
    ],
  ])("misses %s", (_, lines, found) => {
    expect(findings(textOf(lines))).toEqual(found);
  });

  it("tells between which anchors a chain was written anew, with its head", () => {
    expect(findings(textOf(anew(2)))).toEqual(["item/phone 1 forked"]);
    expect(findings(textOf(anew(4)))).toEqual(["item/phone 4 forked"]);
  });

  it("holds against an earlier one, also the shop's own chain, which nobody anchors", () => {
    const known = exportOf().filter((line) => line.kind === "head");
    const since = (lines: readonly ExportLine[]): string[] => {
      const check = new ExportCheck(known);
      const found = [...textOf(lines).flatMap((line) => check.add(line)), ...check.end()];
      return found.map(({ chain, sequence, kind }) => `${chain} ${sequence} ${kind}`);
    };
    expect(since(exportOf())).toEqual([]);
    const shop = exportOf().filter(
      (line) => line.kind === "row" && line.chain === "shop",
    ) as ChainRow[];
    const cut = [...linesOf("shop", shop.slice(0, 2)), ...exportOf().slice(4)];
    expect(findings(textOf(cut))).toEqual([]);
    expect(since(cut)).toEqual(["shop 3 cut"]);
  });

  it("names lines that are none", () => {
    const lines = textOf(exportOf()).toSpliced(6, 0, "{", "[]", '{"kind":"row","chain":"x"}');
    expect(findings(lines)).toEqual([7, 8, 9].map((line) => `export ${line} unreadable`));
    expect(decodeLine('{"kind":"next","cursor":"shop@1"}')).toEqual({
      kind: "next",
      cursor: "shop@1",
    });
    expect(decodeLine('{"kind":"other"}')).toBeNull();
  });
});

describe("an anchor", () => {
  it("is found in the text of its entry, and in no other", () => {
    const [, { text } = { text: "" }] = exportOf().filter((line) => line.kind === "row");
    const anchor = anchorIn(text);
    expect(anchor?.heads).toHaveLength(2);
    expect(anchor && checkRoot(2, anchor)).toEqual([]);
    expect(checkRoot(2, { heads: [], root: "x" })).toMatchObject([
      { chain: "shop", sequence: 2, kind: "changed" },
    ]);
    for (const other of [
      '{"type":"differed","detail":{}}',
      '{"type":"anchored","detail":{}}',
      "{",
      "null",
    ])
      expect(anchorIn(other)).toBeNull();
  });
});
