/** How much is left, in words and as a bar of what is free, held and sold. */
import type { ItemStatus } from "./contract.ts";
import { h, setText } from "./dom.ts";
import { formatNumber } from "./format.ts";

/** A stock line on the page. */
export interface StockLine {
  readonly root: HTMLElement;
  /** Shows the live figures; before they are known, the stock the sale was given. */
  readonly update: (status: ItemStatus | undefined, stock: number) => void;
}

/** Builds an empty stock line. */
export function createStockLine(): StockLine {
  const words = h("span", { class: "stock-words", "data-testid": "stock" });
  const available = h("span", { class: "stock-available" });
  const held = h("span", { class: "stock-held" });
  const sold = h("span", { class: "stock-sold" });
  const bar = h("span", { class: "stock-bar", "aria-hidden": "true" }, available, held, sold);
  return {
    root: h("p", { class: "stock" }, bar, words),
    update(status, stock) {
      bar.hidden = status === undefined;
      setText(
        words,
        status === undefined ? `${formatNumber(stock)} in this sale` : inWords(status),
      );
      if (status !== undefined) {
        // Through the style object, which a strict content policy allows.
        available.style.flexGrow = String(status.available);
        held.style.flexGrow = String(status.held);
        sold.style.flexGrow = String(status.sold);
      }
    },
  };
}

function inWords({ stock, available, held }: ItemStatus): string {
  if (available > 0) {
    return `${formatNumber(available)} of ${formatNumber(stock)} left`;
  }
  return held > 0 ? `None free, ${formatNumber(held)} reserved` : "Sold out";
}
