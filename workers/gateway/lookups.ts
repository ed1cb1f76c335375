import { encodeBase64url } from "../../domain/base64url.ts";
import type { CataloguedSale } from "../../domain/catalogue.ts";
import type { SaleItem } from "../../domain/purchase/sale.ts";
import { boardAt, type Board } from "../../domain/queue/board.ts";
import { isGuest, type Identity } from "./access-token.ts";
import { callerOf, type GatewayContext } from "./gateway.ts";
import { refused } from "./problems.ts";
import { ID_PATTERN } from "./schemas/common.ts";

/** When to ask again for a board that cannot be had now. */
const BOARD_RETRY_SECONDS = 1;
/** 12 characters: ids that a shop did not choose never meet by chance. */
const ID_RANDOM_BYTES = 9;

/** An id in the path; what cannot be one of ours is not looked up. */
export function idInPath(c: GatewayContext, name: string): string {
  const id = c.req.param(name) ?? "";
  if (!ID_PATTERN.test(id)) throw refused("not_found");
  return id;
}

/** Makes an id for what a shop has not named. */
export function newId(c: GatewayContext, prefix: string): string {
  return `${prefix}-${encodeBase64url(c.get("gateway").runtime.randomBytes(ID_RANDOM_BYTES))}`;
}

/** The sale in the path, drafts included: for admins. */
export function requireAnySale(c: GatewayContext): Promise<CataloguedSale> {
  return requireSaleOf(c, idInPath(c, "saleId"));
}

/** The sale of this id, drafts included: no object is addressed for one that does not exist. */
export async function requireSaleOf(c: GatewayContext, saleId: string): Promise<CataloguedSale> {
  const { catalogue } = c.get("gateway");
  const sale = catalogue.freshSale(saleId) ?? (await catalogue.sale(callerOf(c), saleId));
  if (!sale) throw refused("not_found");
  return sale;
}

/** The sale in the path; nobody but admins knows of a draft. */
export async function requireSale(c: GatewayContext): Promise<CataloguedSale> {
  const saleId = idInPath(c, "saleId");
  const sale = c.get("gateway").catalogue.freshSale(saleId) ?? (await requireSaleOf(c, saleId));
  if (sale.control.mode === "draft") throw refused("not_found");
  return sale;
}

/** The item of a sale; unknown ones never reach an object. */
export function requireItem(sale: CataloguedSale, sku: string): SaleItem {
  const item = sale.definition.items.find((item) => item.sku === sku);
  if (!item) throw refused("not_found", { detail: "The sale has no such item." });
  return item;
}

/** The same for who would buy it: where guests may not, the item comes first. */
export function requireItemFor(identity: Identity, sale: CataloguedSale, sku: string): SaleItem {
  const item = requireItem(sale, sku);
  if (!sale.definition.allowGuests && isGuest(identity)) throw refused("guest_not_allowed");
  return item;
}

/** The board of a sale that exists; `busy` when there is none that is young enough. */
export async function requireBoard(c: GatewayContext, saleId: string): Promise<Board> {
  const { boards, runtime } = c.get("gateway");
  const fresh = boards.fresh(saleId);
  if (fresh) return boardAt(fresh, runtime.now());
  const board = await boardOrNull(c, saleId);
  if (!board) throw refused("busy", { retryAfterSeconds: BOARD_RETRY_SECONDS });
  return board;
}

/** The same for lists, which do without a board that cannot be had. */
export async function boardOrNull(c: GatewayContext, saleId: string): Promise<Board | null> {
  try {
    const { boards, runtime } = c.get("gateway");
    const board = await boards.get(callerOf(c), saleId);
    return board && boardAt(board, runtime.now());
  } catch (error) {
    const { requestId } = c.get("heading");
    console.warn({ event: "board.unavailable", saleId, requestId, error: String(error) });
    return null;
  }
}
