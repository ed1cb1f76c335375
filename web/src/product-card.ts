/** A product of the catalogue as a card: picture, name, regular price. */
import type { Product } from "./contract.ts";
import { h } from "./dom.ts";
import { formatMoney } from "./format.ts";

/** Builds a product's card. */
export function productCard({ name, description, price, images }: Product): HTMLElement {
  const source = images?.[0];
  return h(
    "li",
    { class: "product" },
    source === undefined
      ? null
      : h("img", { src: source, alt: "", width: 800, height: 800, loading: "lazy" }),
    h("h3", {}, name),
    h("p", { class: "product-description" }, description ?? ""),
    h("p", { class: "product-price" }, formatMoney(price)),
  );
}
