/** The stock of a sale's articles, and the form that adds to it. */
import type { AdminSale } from "../contract.ts";
import { h, setText } from "../dom.ts";
import { formatMoney, formatNumber } from "../format.ts";
import { readableProblem } from "../problem.ts";
import type { AdminApi } from "./admin-api.ts";
import { textOf } from "./form.ts";

type Item = AdminSale["items"][number];

/** The table of one sale's stock. */
export interface StockTable {
  readonly root: HTMLElement;
  readonly update: (items: readonly Item[]) => void;
}

interface Row {
  readonly root: HTMLElement;
  readonly update: (item: Item) => void;
}

const COUNTERS = ["stock", "available", "held", "sold"] as const;

/** Builds an empty table; `changed` hears after every restock. */
export function createStockTable(api: AdminApi, saleId: string, changed: () => void): StockTable {
  const body = h("tbody");
  const rows = new Map<string, Row>();
  const outcome = h("p", { class: "outcome", role: "status" });

  const restock = async (sku: string, data: FormData): Promise<void> => {
    const quantity = Number(textOf(data, "quantity"));
    outcome.classList.remove("is-error");
    try {
      await api.restock(saleId, sku, quantity, textOf(data, "reason"));
      setText(
        outcome,
        `${quantity > 0 ? "Added to" : "Withdrawn from"} ${sku}: ${Math.abs(quantity)}.`,
      );
    } catch (error) {
      setText(outcome, readableProblem(error));
      outcome.classList.add("is-error");
    }
    changed();
  };

  return {
    root: h(
      "div",
      {},
      h(
        "div",
        { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table of the stock" },
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
              ...COUNTERS.map((name) => h("th", { scope: "col", class: "number" }, capital(name))),
              h("th", { scope: "col" }, "Restock"),
            ),
          ),
          body,
        ),
      ),
      outcome,
    ),
    update(items) {
      for (const item of items) {
        const row = rows.get(item.sku) ?? stockRow(item, (data) => void restock(item.sku, data));
        if (!rows.has(item.sku)) {
          rows.set(item.sku, row);
          body.append(row.root);
        }
        row.update(item);
      }
    },
  };
}

function stockRow(item: Item, restock: (data: FormData) => void): Row {
  const cells = COUNTERS.map(() => h("td", { class: "number" }));
  const submit = (event: Event): void => {
    event.preventDefault();
    restock(new FormData(form));
    form.reset();
  };
  const form = h(
    "form",
    { class: "restock", submit },
    h("input", {
      type: "number",
      name: "quantity",
      required: true,
      value: 10,
      "aria-label": `Units to add to ${item.name}`,
    }),
    h("input", {
      name: "reason",
      required: true,
      value: "New delivery",
      "aria-label": "Reason",
    }),
    h("button", { class: "button button-quiet", type: "submit" }, "Add"),
  );
  return {
    root: h(
      "tr",
      {},
      h(
        "th",
        { scope: "row" },
        item.name,
        h("span", { class: "fine" }, `${item.sku}, ${formatMoney(item.salePrice)}`),
      ),
      ...cells,
      h("td", {}, form),
    ),
    update(now) {
      for (const [index, name] of COUNTERS.entries()) {
        const cell = cells[index];
        const value = now[name];
        if (cell !== undefined) {
          setText(cell, value === null ? "–" : formatNumber(value));
        }
      }
    },
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
