/** The price of an article in a sale. */
import type { SaleItem } from "./contract.ts";
import { h } from "./dom.ts";
import { formatMoney, percentOff } from "./format.ts";

/** The price with the regular one struck through where that is higher; "from" for one of several. */
export function priceLine({ salePrice, regularPrice }: SaleItem, isFrom = false): HTMLElement {
  const percent = percentOff(salePrice, regularPrice);
  return h(
    "p",
    { class: "price" },
    isFrom && h("span", { class: "price-from" }, "from "),
    h("span", { class: "price-now" }, formatMoney(salePrice)),
    percent > 0 &&
      h(
        "s",
        { class: "price-was" },
        h("span", { class: "visually-hidden" }, "instead of "),
        formatMoney(regularPrice),
      ),
    percent > 0 && h("span", { class: "price-off" }, `−${percent}%`),
  );
}
