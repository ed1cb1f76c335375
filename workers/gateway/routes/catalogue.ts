import type { CataloguedSale } from "../../../domain/catalogue.ts";
import type { SaleState } from "../../../domain/purchase/sale.ts";
import type { Board } from "../../../domain/queue/board.ts";
import { endpoint } from "../endpoint.ts";
import { callerOf, type GatewayContext } from "../gateway.ts";
import { boardOrNull, idInPath, requireBoard, requireSale } from "../lookups.ts";
import { refused } from "../problems.ts";
import {
  Product,
  ProductPage,
  Sale,
  SaleList,
  SalesQuery,
  SaleStatus,
} from "../schemas/catalogue.ts";
import { PageQuery } from "../schemas/common.ts";
import { saleView, stateOf, statusView } from "../views/sale.ts";

/** Products change rarely. */
const PRODUCTS_MAX_AGE_SECONDS = 10;
/** A new sale has to show up soon. */
const SALES_MAX_AGE_SECONDS = 2;

/** States that a list shows unless one is asked for: what is going on and what is to come. */
const LISTED_STATES: readonly SaleState[] = [
  "scheduled",
  "prequeue",
  "active",
  "paused",
  "sold_out",
];
/** States that the clock alone does not tell: stock and admins have a say. */
const BOARD_STATES: ReadonlySet<SaleState> = new Set(["active", "paused", "sold_out"]);

/** Products, a page at a time. */
export const listProducts = endpoint(
  {
    tag: "Catalogue",
    summary: "Products",
    query: PageQuery,
    statuses: [200],
    answer: ProductPage,
    maxAgeSeconds: PRODUCTS_MAX_AGE_SECONDS,
  },
  async (c, { query }) => {
    const { cursor = null, limit } = query;
    const page = await c.get("gateway").catalogue.products(callerOf(c), cursor, limit);
    return { products: page.rows, ...(page.cursor === null ? {} : { cursor: page.cursor }) };
  },
);

/** One product. */
export const getProduct = endpoint(
  {
    tag: "Catalogue",
    summary: "One product",
    statuses: [200],
    answer: Product,
    problems: ["not_found"],
    maxAgeSeconds: PRODUCTS_MAX_AGE_SECONDS,
  },
  async (c) => {
    const { catalogue } = c.get("gateway");
    const product = await catalogue.product(callerOf(c), idInPath(c, "productId"));
    if (!product) throw refused("not_found");
    return product;
  },
);

/** Sales, each with the state of now. */
export const listSales = endpoint(
  {
    tag: "Catalogue",
    summary: "Sales: active and upcoming ones, or those of one state",
    query: SalesQuery,
    statuses: [200],
    answer: SaleList,
    maxAgeSeconds: SALES_MAX_AGE_SECONDS,
  },
  async (c, { query }) => {
    const states = query.state === undefined ? LISTED_STATES : [query.state];
    const nowMs = c.get("gateway").runtime.now();
    const known = await c.get("gateway").catalogue.sales(callerOf(c));
    const listed = await Promise.all(
      known
        .filter(({ control }) => control.mode !== "draft")
        .map(async (sale) => ({ sale, board: await boardIfOpen(c, sale, nowMs) })),
    );
    return {
      sales: listed
        .filter(({ sale, board }) => states.includes(stateOf(sale, board, nowMs)))
        .map(({ sale, board }) => saleView(sale, board, nowMs)),
    };
  },
);

/** One sale. */
export const getSale = endpoint(
  {
    tag: "Catalogue",
    summary: "One sale",
    statuses: [200],
    answer: Sale,
    problems: ["not_found"],
    maxAgeSeconds: SALES_MAX_AGE_SECONDS,
  },
  async (c) => {
    const sale = await requireSale(c);
    const board = await boardOrNull(c, sale.definition.saleId);
    return saleView(sale, board, c.get("gateway").runtime.now());
  },
);

/**
 * The live figures of a sale, from the board in memory. Not for caches: its `serverTime` is what
 * countdowns go by, and an old copy would come back faster than any true answer.
 */
export const getSaleStatus = endpoint(
  {
    tag: "Catalogue",
    summary: "What everyone may know about a sale right now",
    statuses: [200],
    answer: SaleStatus,
    problems: ["not_found", "busy"],
  },
  async (c) => {
    const { definition } = await requireSale(c);
    const board = await requireBoard(c, definition.saleId);
    return statusView(board, c.get("gateway").runtime.now());
  },
);

/** The board of a sale that may be open: lists ask for no other. */
function boardIfOpen(
  c: GatewayContext,
  sale: CataloguedSale,
  nowMs: number,
): Promise<Board | null> | null {
  if (!BOARD_STATES.has(stateOf(sale, null, nowMs))) return null;
  return boardOrNull(c, sale.definition.saleId);
}
