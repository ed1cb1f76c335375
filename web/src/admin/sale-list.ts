/** The admin's table of sales; one of them is looked at. */
import type { AdminSale } from "../contract.ts";
import { h, setText } from "../dom.ts";
import { formatMoment, formatNumber } from "../format.ts";

/** The table; `update` keeps rows in place so that the focus stays. */
export interface SaleList {
  readonly root: HTMLElement;
  readonly update: (sales: readonly AdminSale[], chosen: string | null) => void;
}

interface Row {
  readonly root: HTMLElement;
  readonly update: (sale: AdminSale, isChosen: boolean) => void;
}

const HEADINGS = ["Sale", "State", "Starts", "Available", "Held", "Sold", "In line"];

function saleRow(saleId: string, choose: (saleId: string) => void): Row {
  const name = h("button", { class: "row-button", type: "button", click: () => choose(saleId) });
  const state = h("span", { class: "badge" });
  const cells = HEADINGS.slice(2).map(() => h("td", { class: "number" }));
  const root = h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, state), ...cells);
  return {
    root,
    update(sale, isChosen) {
      setText(name, sale.name);
      name.setAttribute("aria-pressed", String(isChosen));
      root.classList.toggle("is-chosen", isChosen);
      setText(state, sale.state.replace("_", " "));
      state.className = `badge badge-${sale.state}`;
      const texts = [formatMoment(sale.startsAt), ...counters(sale)];
      for (const [index, text] of texts.entries()) {
        const cell = cells[index];
        if (cell !== undefined) {
          setText(cell, text);
        }
      }
    },
  };
}

function counters({ items, queue }: AdminSale): string[] {
  const total = (pick: (item: AdminSale["items"][number]) => number | null): string => {
    const values = items.map(pick);
    return values.includes(null)
      ? "–"
      : formatNumber(values.reduce<number>((sum, value) => sum + (value ?? 0), 0));
  };
  const inLine =
    queue.lastNumber === null || queue.nowServing === null
      ? "–"
      : formatNumber(Math.max(0, queue.lastNumber - queue.nowServing));
  return [
    total(({ available }) => available),
    total(({ held }) => held),
    total(({ sold }) => sold),
    inLine,
  ];
}

/** Builds the table; `choose` gets the id of the sale to look at. */
export function createSaleList(choose: (saleId: string) => void): SaleList {
  const body = h("tbody");
  const rows = new Map<string, Row>();
  const headings = HEADINGS.map((text, index) =>
    h("th", { scope: "col", class: index > 1 ? "number" : null }, text),
  );
  return {
    root: h(
      "div",
      { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table of sales" },
      h("table", {}, h("thead", {}, h("tr", {}, ...headings)), body),
    ),
    update(sales, chosen) {
      for (const sale of sales) {
        const row = rows.get(sale.saleId) ?? saleRow(sale.saleId, choose);
        if (!rows.has(sale.saleId)) {
          rows.set(sale.saleId, row);
          body.append(row.root);
        }
        row.update(sale, sale.saleId === chosen);
      }
    },
  };
}
