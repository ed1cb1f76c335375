/** The addresses of the pages. Without `.html`, which the asset server would redirect away. */

/** The page of one sale. */
export const saleLink = (saleId: string): string => `/sale?id=${encodeURIComponent(saleId)}`;

/** The page of one order. */
export const orderLink = (orderId: string): string => `/order?id=${encodeURIComponent(orderId)}`;

/** The page with all of this shopper's orders. */
export const ORDERS_LINK = "/order";

/** The page that checks this browser's receipt of a sale. */
export const receiptLink = (saleId: string): string =>
  `/receipt?sale=${encodeURIComponent(saleId)}`;

/** The page that tells how the line of a sale was kept. */
export const fairnessLink = (saleId: string): string =>
  `/fairness?sale=${encodeURIComponent(saleId)}`;

/** The `sale` of the page's address; null when there is none. */
export function saleOfPage(): string | null {
  return new URLSearchParams(location.search).get("sale");
}

/** The `id` of the page's address; null when there is none. */
export function idOfPage(): string | null {
  return new URLSearchParams(location.search).get("id");
}

/** An address from elsewhere that a browser may be sent to; null for what is no page of the web. */
export function outsideLink(address: string): string | null {
  const url = URL.canParse(address, location.href) ? new URL(address, location.href) : null;
  return url?.protocol === "https:" || url?.protocol === "http:" ? url.href : null;
}
