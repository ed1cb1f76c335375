/** The admin part of the shop's HTTP interface. Every function throws `ApiProblem` or `NoAnswer`. */
import { call, type CallOptions } from "../api.ts";
import type {
  AttentionItem,
  Compared,
  ComparedNow,
  HistoryRow,
  Verified,
} from "./books-contract.ts";
import type {
  AdminOrder,
  AdminSale,
  NewProduct,
  NewSale,
  OrderStatus,
  Product,
  SaleSummary,
} from "../contract.ts";

/** What changes a sale's state. */
export type SaleCommand = "start" | "pause" | "resume" | "end";

/** Which orders are asked for; null means all. */
export interface OrderFilter {
  readonly saleId: string | null;
  readonly status: OrderStatus | null;
  readonly cursor: string | null;
}

/** A page of orders, newest first; the cursor leads to the next one. */
export interface OrderPage {
  readonly orders: readonly AdminOrder[];
  readonly cursor?: string;
}

/** What needs a person, newest first: orders whose payments do, and what was found otherwise. */
export interface AttentionPage extends OrderPage {
  /** A shop of an older version has none. */
  readonly items?: readonly AttentionItem[];
}

const ORDERS_PER_PAGE = 50;
/** Pages of a sale's history that are read: 500 rows each. */
const HISTORY_MAX_PAGES = 4;

/** The calls an admin can make with one token. */
export class AdminApi {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** All sales with their live counters. */
  async sales(): Promise<readonly AdminSale[]> {
    return (await this.#call<{ readonly sales: readonly AdminSale[] }>("/sales")).sales;
  }

  /** The figures of one sale. */
  summary(saleId: string): Promise<SaleSummary> {
    return this.#call(`/sales/${encodeURIComponent(saleId)}/summary`);
  }

  /** Starts, pauses, resumes or ends a sale. */
  command(saleId: string, command: SaleCommand): Promise<unknown> {
    return this.#post(`/sales/${encodeURIComponent(saleId)}/${command}`, {});
  }

  /** Brings the public value that a sale's draw waits for; once, and a repeat changes nothing. */
  bringRandomness(saleId: string, value: string): Promise<AdminSale> {
    return this.#post(`/sales/${encodeURIComponent(saleId)}/queue/randomness`, { value });
  }

  /** Adds stock to an item, or withdraws unsold stock with a negative quantity. */
  restock(saleId: string, sku: string, quantity: number, reason: string): Promise<unknown> {
    const path = `/sales/${encodeURIComponent(saleId)}/items/${encodeURIComponent(sku)}/restock`;
    return this.#post(path, { quantity, reason });
  }

  /** Adds a product to the catalogue. */
  createProduct(product: NewProduct): Promise<Product> {
    return this.#post("/products", product);
  }

  /** Creates a sale; a start in the past makes it active at once. */
  createSale(sale: NewSale): Promise<AdminSale> {
    return this.#post("/sales", sale);
  }

  /** One page of orders. */
  orders({ saleId, status, cursor }: OrderFilter): Promise<OrderPage> {
    const query = new URLSearchParams({ limit: String(ORDERS_PER_PAGE) });
    for (const [name, value] of Object.entries({ saleId, status, cursor })) {
      if (value !== null) {
        query.set(name, value);
      }
    }
    return this.#call(`/orders?${query}`);
  }

  /** What needs a person, newest first: the first page. */
  attention(): Promise<AttentionPage> {
    return this.#call(`/attention?limit=${ORDERS_PER_PAGE}`);
  }

  /** Gives an order's money back, or calls it off where it is paid on delivery; a repeat changes nothing. */
  refund(orderId: string, reason: string): Promise<AdminOrder> {
    return this.#post(`/orders/${encodeURIComponent(orderId)}/refund`, { reason });
  }

  /** Has the provider asked again about a payment that needs a person. */
  retry(orderId: string): Promise<AdminOrder> {
    return this.#call(`/attention/${encodeURIComponent(orderId)}/retry`, { method: "POST" });
  }

  /** Says that such a payment was put right by hand, and how. */
  resolve(orderId: string, note: string): Promise<AdminOrder> {
    return this.#post(`/attention/${encodeURIComponent(orderId)}/resolve`, { note });
  }

  /** Has the books compared again that an item of the attention list is about. */
  retryItem(itemId: string): Promise<AttentionItem> {
    return this.#call(`/attention/${encodeURIComponent(itemId)}/retry`, { method: "POST" });
  }

  /** Says that such an item was put right, and how. */
  resolveItem(itemId: string, note: string): Promise<AttentionItem> {
    return this.#post(`/attention/${encodeURIComponent(itemId)}/resolve`, { note });
  }

  /** How the articles of a sale compared the last time. */
  async reconciliations(saleId: string): Promise<readonly Compared[]> {
    const query = new URLSearchParams({ saleId });
    return (await this.#call<{ readonly items: readonly Compared[] }>(`/reconcile?${query}`)).items;
  }

  /** Compares the books of all articles of a sale now. */
  async reconcile(saleId: string): Promise<readonly ComparedNow[]> {
    const items: ComparedNow[] = [];
    for (let cursor: string | undefined; ;) {
      const body = cursor === undefined ? { saleId } : { saleId, cursor };
      const page = await this.#post<{ readonly items: readonly ComparedNow[]; cursor?: string }>(
        "/reconcile",
        body,
      );
      items.push(...page.items);
      cursor = page.cursor;
      if (cursor === undefined) return items;
    }
  }

  /** Proves a part of the trail. */
  verify(cursor?: string): Promise<Verified> {
    const query = cursor === undefined ? "" : `?${new URLSearchParams({ cursor })}`;
    return this.#call(`/audit/verify${query}`);
  }

  /** What was done to a sale, oldest first. */
  async saleHistory(saleId: string): Promise<readonly HistoryRow[]> {
    const rows: HistoryRow[] = [];
    let cursor = "0";
    for (let pages = 0; pages < HISTORY_MAX_PAGES; pages++) {
      const query = new URLSearchParams({ saleId, cursor });
      const page = await this.#call<{ readonly rows: readonly HistoryRow[]; cursor?: string }>(
        `/audit?${query}`,
      );
      rows.push(...page.rows);
      if (page.cursor === undefined) break;
      cursor = page.cursor;
    }
    return rows;
  }

  #call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
    return call<Answer>(`/admin${path}`, { ...options, bearer: this.#token });
  }

  #post<Answer>(path: string, body: object): Promise<Answer> {
    return this.#call<Answer>(path, { method: "POST", body });
  }
}
