/** The sale page's other side: what is on sale, what it costs, how much of it is left. */
import type { Product, Sale } from "./contract.ts";
import { h, setShown, setText } from "./dom.ts";
import { formatMoney } from "./format.ts";
import { priceLine } from "./price-line.ts";
import { pictureOf, chosenItem, itemStatus, type SaleModel } from "./sale-model.ts";
import { createStockLine } from "./stock-line.ts";

/** The built side; `update` follows the live figures and the article that is looked at. */
export interface SaleHead {
  readonly update: (model: SaleModel) => void;
}

/** Fills the side. With several articles they can be chosen from; `choose` gets the sku. */
export function createSaleHead(
  host: HTMLElement,
  sale: Sale,
  products: ReadonlyMap<string, Product>,
  choose: (sku: string) => void,
): SaleHead {
  const picture = h("img", { class: "head-picture", alt: "", width: 800, height: 800 });
  const itemName = h("p", { class: "head-item" });
  const price = h("div");
  const description = h("p", { class: "head-description" });
  const stock = createStockLine();
  host.classList.toggle("head-of-many", sale.items.length > 1);
  host.replaceChildren(
    picture,
    h(
      "div",
      { class: "head-text" },
      h("h1", {}, sale.name),
      itemName,
      price,
      stock.root,
      description,
    ),
    ...(sale.items.length > 1 ? [itemChoice(sale, products, choose)] : []),
  );
  let shownSku: string | null = null;
  return {
    update(model) {
      const item = chosenItem(model);
      if (item === undefined) {
        return;
      }
      stock.update(itemStatus(model, item.sku), item.stock);
      if (shownSku === item.sku) {
        return;
      }
      shownSku = item.sku;
      const source = pictureOf(products, item.productId);
      setShown(picture, source !== null);
      if (source !== null) {
        picture.src = source;
      }
      setText(itemName, item.name);
      // A sale that is called after its article need not say it twice.
      setShown(itemName, !sale.name.toLowerCase().includes(item.name.toLowerCase()));
      price.replaceChildren(priceLine(item));
      setText(description, products.get(item.productId)?.description ?? "");
    },
  };
}

function itemChoice(
  sale: Sale,
  products: ReadonlyMap<string, Product>,
  choose: (sku: string) => void,
): HTMLElement {
  const choices = sale.items.map(({ sku, name, productId, salePrice }, index) => {
    const source = pictureOf(products, productId);
    return h(
      "label",
      { class: "item-choice" },
      h("input", {
        type: "radio",
        name: "item",
        value: sku,
        checked: index === 0,
        "data-testid": `item-${sku}`,
        change: () => choose(sku),
      }),
      source !== null && h("img", { src: source, alt: "", width: 64, height: 64 }),
      h("span", { class: "item-choice-name" }, name),
      h("span", { class: "item-choice-price" }, formatMoney(salePrice)),
    );
  });
  return h("fieldset", { class: "item-choices" }, h("legend", {}, "In this sale"), ...choices);
}
