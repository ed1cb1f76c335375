import { anchorsOf } from "../anchor.ts";
import { SHOP_CHAIN, type ChainRow } from "../chain.ts";
import { encodeLine, type ExportLine } from "../export.ts";
import { chainOf, headOf } from "./chains.ts";

/** The lines of an export of two chains, of five rows and of three, anchored at row 3 and at their ends. */
export function exportOf(): ExportLine[] {
  const item = chainOf(["a", "b", "c", "d", "e"]);
  const sale = chainOf(["x", "y", "z"]);
  const heads = [
    [headOf("item/phone", item.slice(0, 3)), headOf("sale/drop", sale)],
    [headOf("item/phone", item)],
  ];
  const anchors = heads
    .flatMap((heads) => anchorsOf(heads))
    .map((detail) => JSON.stringify({ type: "anchored", detail }));
  return [
    ...linesOf(SHOP_CHAIN, chainOf([JSON.stringify({ type: "product_created" }), ...anchors])),
    ...linesOf("item/phone", item),
    ...linesOf("sale/drop", sale),
    { kind: "end" },
  ];
}

/** The lines of a chain of these rows. */
export function linesOf(chain: string, rows: readonly ChainRow[]): ExportLine[] {
  return [
    ...rows.map((row): ExportLine => ({ kind: "row", chain, ...row })),
    { kind: "head", ...headOf(chain, rows) },
  ];
}

/** The lines as a file has them, without their line breaks. */
export function textOf(lines: readonly ExportLine[]): string[] {
  return lines.map((line) => encodeLine(line).trimEnd());
}
