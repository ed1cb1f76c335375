/** What the sale page knows, and what its panels may ask for. */
import type {
  ItemStatus,
  Money,
  Payment,
  Product,
  Sale,
  SaleItem,
  SaleStatus,
} from "./contract.ts";
import type { ListPlace } from "./list-flow.ts";
import { hasList } from "./list-text.ts";
import type { HeldOrder } from "./order-flow.ts";
import type { HeldPlace } from "./place-flow.ts";
import type { ScreenFacts } from "./waiting.ts";

/** What the shopper has asked for and is not answered yet. */
export type Errand = "join" | "leave" | "buy" | "pay" | "cancel" | "list" | "unlist";

/** Everything the sale page shows comes from here; replaced as a whole, never changed in place. */
export interface SaleModel extends HeldPlace, HeldOrder {
  readonly sale: Sale;
  readonly products: ReadonlyMap<string, Product>;
  readonly status: SaleStatus | null;
  /** The place on a waiting list of this sale. */
  readonly list: ListPlace | null;
  readonly errand: Errand | null;
  /** Which article is looked at, and bought. */
  readonly sku: string;
  /** The article that was refused as sold out just now, with a waiting list that takes people. */
  readonly refusedSku: string | null;
}

/** What a shopper can do on the sale page. */
export interface SaleActions {
  readonly join: () => void;
  readonly leave: () => void;
  /** Says that the shopper is there, for a longer turn. */
  readonly stay: () => void;
  readonly buy: (quantity: number) => void;
  readonly pay: (payment: Payment) => void;
  /** Gives the order back; an offer goes to the next on the list. */
  readonly cancel: () => void;
  /** Waits for units of the article that is looked at. */
  readonly joinList: (quantity: number) => void;
  readonly leaveList: () => void;
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
    isOffer: isOffer(model),
    isListed: isListed(model),
  };
}

/** Whether the order on the page was offered from the waiting list. */
export function isOffer({ order, list }: SaleModel): boolean {
  return order !== null && list?.orderId === order.orderId;
}

function isListed(model: SaleModel): boolean {
  const { list, sku } = model;
  const isWaiting = list?.sku === sku && list.view?.state === "waiting";
  return isWaiting && (itemStatus(model, sku)?.available ?? 0) === 0;
}

/** Whether the shopper can wait for the article that is looked at. */
export function canJoinList(model: SaleModel): boolean {
  const { sku, status, refusedSku } = model;
  return status !== null && hasList(status.state, itemStatus(model, sku), refusedSku === sku);
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
