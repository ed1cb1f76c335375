import { Unreadable } from "../finding.ts";

/**
 * Where a sale publishes its log, by the address of its log, of the sale in the API, or of a page about it
 * (`…/sale?id=drop`); without a slash at the end.
 *
 * @throws Unreadable when an address names no sale.
 */
export function fairnessAddress(address: string): string {
  if (!URL.canParse(address)) throw new Unreadable(`"${address}" is no address`);
  const url = new URL(address);
  const [, before, sale] = /^(.*)\/sales\/([^/]+)/.exec(url.pathname) ?? [];
  if (before !== undefined && sale !== undefined)
    return `${url.origin}${before}/sales/${sale}/fairness`;
  const id = url.searchParams.get("id");
  if (id !== null && id !== "")
    return `${url.origin}/api/v1/sales/${encodeURIComponent(id)}/fairness`;
  throw new Unreadable(
    `${address} names no sale: give …/api/v1/sales/<id>/fairness, or the page of the sale`,
  );
}

/** Whether this is an address rather than a file. */
export function isAddress(source: string): boolean {
  return /^https?:\/\//.test(source);
}
