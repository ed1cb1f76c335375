/** A sale in the shop window: what, for how much, how many are left or when it opens. */
import { createCountdown } from "./countdown.ts";
import type { Product, Sale, SaleState, SaleStatus } from "./contract.ts";
import { h, setShown, setText } from "./dom.ts";
import { formatMoment } from "./format.ts";
import { saleLink } from "./links.ts";
import { priceLine } from "./price-line.ts";
import { createStockLine } from "./stock-line.ts";

/** A card on the page. */
export interface SaleCard {
  readonly root: HTMLElement;
  readonly update: (sale: Sale, status: SaleStatus | null, nowMs: number) => void;
}

/** More pictures than this do not fit a card; the sale's own page shows all articles. */
const PICTURES_MAX = 3;

const STATE_WORDS: Readonly<Record<SaleState, string>> = {
  draft: "Not open",
  scheduled: "Opens soon",
  prequeue: "Early entry",
  active: "Live now",
  paused: "Paused",
  sold_out: "Sold out",
  ended: "Ended",
};

/** Builds the card of a sale. */
export function createSaleCard(sale: Sale, products: readonly Product[]): SaleCard {
  const badge = h("p", { class: "badge" });
  const countdown = createCountdown("Time until the sale opens");
  const opens = h("p", { class: "fine" });
  const stock = createStockLine();
  const link = h("a", { class: "button button-main", href: saleLink(sale.saleId) });
  const [first] = sale.items.toSorted((a, b) => a.salePrice.amount - b.salePrice.amount);
  const heading = h("h2", {}, sale.name);
  const articles = sale.items.map(({ name }) => name).join(", ");
  return {
    root: h(
      "article",
      { class: "sale-card" },
      pictures(sale, products),
      h(
        "div",
        { class: "sale-card-text" },
        badge,
        heading,
        // A sale that is called after its article need not say it twice.
        sale.name.includes(articles) ? null : h("p", { class: "sale-card-items" }, articles),
        first === undefined ? null : priceLine(first, sale.items.length > 1),
        stock.root,
        countdown.root,
        opens,
        h("div", { class: "actions" }, link),
      ),
    ),
    update(now, status, nowMs) {
      const startsAt = status?.startsAt ?? now.startsAt;
      const leftMs = Date.parse(startsAt) - nowMs;
      const state = stateNow(status?.state ?? now.state, leftMs);
      const isAhead = state === "scheduled" || state === "prequeue";
      setText(badge, STATE_WORDS[state]);
      badge.className = `badge badge-${state}`;
      setShown(countdown.root, isAhead);
      setShown(opens, isAhead);
      countdown.update(leftMs);
      setText(opens, `Opens ${formatMoment(startsAt)}, your time`);
      const item = status?.items.find(({ sku }) => sku === first?.sku);
      setShown(stock.root, !isAhead && first !== undefined);
      stock.update(item, first?.stock ?? 0);
      setText(link, linkText(state));
      link.setAttribute("aria-label", `${linkText(state)}: ${now.name}`);
    },
  };
}

/** The word of the shop may be seconds behind its clock; the clock opens the sale. */
function stateNow(state: SaleState, leftMs: number): SaleState {
  return leftMs <= 0 && (state === "scheduled" || state === "prequeue") ? "active" : state;
}

function linkText(state: SaleState): string {
  if (state === "active") {
    return "Enter the sale";
  }
  return state === "prequeue" ? "Get in line early" : "See the sale";
}

function pictures(sale: Sale, products: readonly Product[]): HTMLElement {
  const sources = sale.items
    .map(
      ({ productId }) => products.find((product) => product.productId === productId)?.images?.[0],
    )
    .filter((source) => source !== undefined)
    .slice(0, PICTURES_MAX);
  return h(
    "div",
    { class: `sale-card-pictures pictures-${sources.length}` },
    ...sources.map((src) => h("img", { src, alt: "", width: 800, height: 800 })),
  );
}
