/** What the sale page knows, and what its panels may ask for. */
import type { ItemStatus, Money, Order, Product, Sale, SaleItem, SaleStatus } from "./contract.ts";
import type { HeldPlace } from "./place-flow.ts";
import type { ScreenFacts } from "./waiting.ts";

/** What the shopper has asked for and is not answered yet. */
export type Errand = "join" | "leave" | "buy" | "pay" | "cancel";

/** Everything the sale page shows comes from here; replaced as a whole, never changed in place. */
export interface SaleModel extends HeldPlace {
  readonly sale: Sale;
  readonly products: ReadonlyMap<string, Product>;
  readonly status: SaleStatus | null;
  readonly order: Order | null;
  readonly errand: Errand | null;
  /** Which article is looked at, and bought. */
  readonly sku: string;
}

/** What a shopper can do on the sale page. */
export interface SaleActions {
  readonly join: () => void;
  readonly leave: () => void;
  /** Says that the shopper is there, for a longer turn. */
  readonly stay: () => void;
  readonly buy: (quantity: number) => void;
  readonly pay: (paymentToken: string) => void;
  readonly cancel: () => void;
  /** Puts a finished order aside, to buy again. */
  readonly startOver: () => void;
}

/** What the choice of screen depends on. */
export function screenFacts(model: SaleModel): ScreenFacts {
  const state = model.status ?? model.sale;
  return {
    saleState: state.state,
    startsAtMs: Date.parse(state.startsAt),
    endsAtMs: Date.parse(state.endsAt),
    hasTicket: model.hasTicket,
    view: model.view,
    order: model.order,
  };
}

/** The article that is looked at. */
export function chosenItem({ sale, sku }: SaleModel): SaleItem | undefined {
  return sale.items.find((item) => item.sku === sku) ?? sale.items[0];
}

/** The live figures of one article; undefined until the first status came. */
export function itemStatus(model: SaleModel, sku: string): ItemStatus | undefined {
  return model.status?.items.find((item) => item.sku === sku);
}

/** The picture of an article; null where the catalogue has none. */
export function pictureOf(
  products: ReadonlyMap<string, Product>,
  productId: string,
): string | null {
  return products.get(productId)?.images?.[0] ?? null;
}

/** A price for several units. */
export function times({ amount, currency }: Money, quantity: number): Money {
  return { amount: amount * quantity, currency };
}
