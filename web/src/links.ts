/** The addresses of the pages. Without `.html`, which the asset server would redirect away. */

/** The page of one sale. */
export const saleLink = (saleId: string): string => `/sale?id=${encodeURIComponent(saleId)}`;

/** The page of one order. */
export const orderLink = (orderId: string): string => `/order?id=${encodeURIComponent(orderId)}`;

/** The page with all of this shopper's orders. */
export const ORDERS_LINK = "/order";

/** The `id` of the page's address; null when there is none. */
export function idOfPage(): string | null {
  return new URLSearchParams(location.search).get("id");
}
