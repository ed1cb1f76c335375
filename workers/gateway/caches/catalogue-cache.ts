import type { CataloguedSale, Product } from "../../../domain/catalogue.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import type { Page } from "../../purchase/page.ts";
import type { Caller } from "../bindings.ts";
import { callObject } from "../object-calls.ts";
import { ValueCache, type Loading } from "../../caching/value-cache.ts";

/** How long a sale's definition and control are served as they are; absence too. */
const SALE_FRESH_MS = 2_000;
/** Products change rarely, and a storefront asks for them with every visit. */
const PRODUCT_FRESH_MS = 10_000;
/** Served while one request refreshes: definitions do not change, control comes with the board. */
const REFRESH_SHARE = 2;
/**
 * While the catalogue does not answer, what was known goes on being served this long: the terms of a sale do not change,
 * its control comes with the board, and its prices with the item, so that nobody has to go because a database is out.
 */
const KEEP_MS = 3_600_000;
/** Entries of each kind, those of made-up ids included. */
const ENTRIES_MAX = 1_000;

/** The one entry of the list of sales. */
const ALL_SALES = "all";

/** The catalogue as the isolate last heard it, negative answers included. */
export class CatalogueCache {
  readonly #sales: ValueCache<CataloguedSale>;
  readonly #lists: ValueCache<CataloguedSale[]>;
  readonly #products: ValueCache<Product>;
  readonly #productPages: ValueCache<Page<Product>>;

  constructor(runtime: Pick<Runtime, "now">) {
    const options = (freshMs: number) => ({
      runtime,
      freshMs,
      refreshMs: REFRESH_SHARE * freshMs,
      keepMs: KEEP_MS,
      entriesMax: ENTRIES_MAX,
    });
    this.#sales = new ValueCache(options(SALE_FRESH_MS));
    this.#lists = new ValueCache(options(SALE_FRESH_MS));
    this.#products = new ValueCache(options(PRODUCT_FRESH_MS));
    this.#productPages = new ValueCache(options(PRODUCT_FRESH_MS));
  }

  /** One sale; `null` when there is none of this id. */
  sale(caller: Caller, saleId: string): Promise<CataloguedSale | null> {
    return this.#sales.get(
      saleId,
      loading(caller, () => caller.env.PURCHASE.sale(saleId)),
    );
  }

  /** The same from memory, while it needs no look at anything else. */
  freshSale(saleId: string): CataloguedSale | null {
    return this.#sales.fresh(saleId);
  }

  /** Every sale, newest start first. */
  async sales(caller: Caller): Promise<CataloguedSale[]> {
    const load = () => caller.env.PURCHASE.sales();
    return (await this.#lists.get(ALL_SALES, loading(caller, load))) ?? [];
  }

  /** One product; `null` when there is none of this id. */
  product(caller: Caller, productId: string): Promise<Product | null> {
    return this.#products.get(
      productId,
      loading(caller, () => caller.env.PURCHASE.product(productId)),
    );
  }

  /** A page of products. */
  async products(caller: Caller, cursor: string | null, limit: number): Promise<Page<Product>> {
    const load = () => caller.env.PURCHASE.products(cursor, limit);
    const page = await this.#productPages.get(`${limit}/${cursor ?? ""}`, loading(caller, load));
    return page ?? { rows: [], cursor: null };
  }

  /** Takes a sale as an admin's write left it. */
  putSale(sale: CataloguedSale): void {
    this.#sales.put(sale.definition.saleId, sale);
    this.#lists.clear();
  }

  /** Takes a product as an admin's write left it. */
  putProduct(product: Product): void {
    this.#products.put(product.productId, product);
    this.#productPages.clear();
  }
}

function loading<Value>(caller: Caller, load: () => Promise<Value | null>): Loading<Value> {
  return { load: () => callObject(load), waitUntil: caller.waitUntil };
}
