/** What became of those who waited for the articles of a sale. */
import type { AdminSale, WaitlistCounts } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { formatNumber } from "../format.ts";
import { keyedRows, type Row } from "./rows.ts";

const COLUMNS = [
  ["waiting", "Waiting"],
  ["offered", "Offered"],
  ["bought", "Bought"],
  ["lapsed", "Lapsed"],
  ["left", "Left"],
] as const;

/** The table; a sale that nobody has waited for has a sentence in its place. */
export interface WaitlistTable {
  readonly root: HTMLElement;
  readonly update: (items: AdminSale["items"], counts: readonly WaitlistCounts[]) => void;
}

interface Line {
  readonly name: string;
  readonly counts: WaitlistCounts;
}

/** Builds an empty table. */
export function createWaitlistTable(): WaitlistTable {
  const body = h("tbody");
  const show = keyedRows(body, ({ counts }: Line) => counts.sku, waitlistRow);
  const none = h("p", { class: "fine" }, "Nobody has waited for an article yet.");
  const table = h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table of who waits" },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "Article"),
          ...COLUMNS.map(([, title]) => h("th", { scope: "col", class: "number" }, title)),
        ),
      ),
      body,
    ),
  );
  return {
    root: h("div", { class: "waitlist" }, h("h3", {}, "Waiting list"), none, table),
    update(items, counts) {
      const nameOf = (sku: string): string => items.find((item) => item.sku === sku)?.name ?? sku;
      const lines = counts.map((line) => ({ name: nameOf(line.sku), counts: line }));
      const isUsed = counts.some((line) => COLUMNS.some(([name]) => line[name] > 0));
      show(lines);
      setShown(table, isUsed);
      setShown(none, !isUsed);
    },
  };
}

function waitlistRow({ name, counts: { sku } }: Line): Row<Line> {
  const cells = COLUMNS.map(() => h("td", { class: "number" }));
  const article = h("th", { scope: "row" }, name, h("span", { class: "fine" }, sku));
  return {
    root: h("tr", {}, article, ...cells),
    update({ counts }) {
      for (const [index, [column]] of COLUMNS.entries()) {
        const cell = cells[index];
        if (cell !== undefined) {
          setText(cell, formatNumber(counts[column]));
        }
      }
    },
  };
}
