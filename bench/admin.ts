import type { Answer, Caller } from "./calls.ts";
import { problemOf } from "./calls.ts";
import {
  type Guard,
  isLedgerPage,
  isOrderPage,
  isSale,
  isSandboxPage,
  isSummary,
  type LedgerRow,
  type Order,
  parseBody,
  type SaleSummary,
  type SandboxPayment,
} from "./contract.ts";

import {
  type AttentionItem,
  isAttentionPage,
  isMessagePage,
  isReconciledPage,
  type MessageTold,
  type ReconciledItem,
} from "./contract-books.ts";
import { type FairnessTold, isFairness } from "./contract-fairness.ts";

/** A list is read at most this many pages far: a cursor that never ends is a fault. */
const PAGES_MAX = 10_000;
/** How often the new sale is looked at until it is active. */
const ACTIVE_LOOKS_MAX = 100;
const ACTIVE_PAUSE_MS = 100;
/** The flood's sale stays open for longer than any flood runs. */
const SALE_HOURS = 6;
const SALE_PRICE_CENTS = 49_900;

/** The sale that a driver floods. */
export interface FloodSale {
  saleId: string;
  sku: string;
  stock: number;
  perShopper: number;
  /** `totalActiveUsers`: how many may be inside at once. */
  capacity: number;
}

/** Settings of the sale to create. */
export interface FloodSaleSettings {
  stock: number;
  capacity: number;
  newUsersPerMinute: number;
  holdSeconds: number;
  claimSeconds: number;
  sessionDurationSeconds: number;
  lanes: number;
  /** Left out or 0: purchases go to the item itself. */
  intakes?: number;
  /** The product's own window when left out. */
  reorderWindowMs?: number;
  /** The sale takes early entrants now and opens this much later; 0: it is open at once. */
  startsInSeconds?: number;
}

/** What of a line may be changed while it runs; what is left out stays. */
export interface LineChanges {
  newUsersPerMinute?: number | undefined;
  totalActiveUsers?: number | undefined;
  sessionDurationSeconds?: number | undefined;
  /** Shown to everyone in line. */
  message?: string;
  /** Why, for the audit. */
  reason?: string;
}

/** The admin's side of the contract, as far as the drivers use it. */
export class Admin {
  readonly #caller: Caller;
  readonly #headers: Record<string, string>;

  constructor(caller: Caller, adminToken: string) {
    this.#caller = caller;
    this.#headers = { authorization: `Bearer ${adminToken}`, "content-type": "application/json" };
  }

  /** Creates a product and a sale of it that can be joined at once, and waits until it says so. */
  async createSale(settings: FloodSaleSettings): Promise<FloodSale> {
    const nowMs = this.#caller.clock.nowMs();
    const id = `flood-${Math.floor(nowMs).toString(36)}`;
    const price = { amount: SALE_PRICE_CENTS * 2, currency: "EUR" };
    const salePrice = { amount: SALE_PRICE_CENTS, currency: "EUR" };
    const { stock, capacity, holdSeconds, newUsersPerMinute, lanes } = settings;
    const { claimSeconds, sessionDurationSeconds, reorderWindowMs } = settings;
    const { intakes = 0, startsInSeconds = 0 } = settings;
    const openedAt = new Date(nowMs - 1000).toISOString();
    const isEarly = startsInSeconds > 0;
    const product = { productId: id, name: "Flood phone", price, images: [] };
    await this.#post("/admin/products", product, isSummary);
    const sale = {
      saleId: id,
      name: "Flood",
      startsAt: isEarly ? new Date(nowMs + startsInSeconds * 1000).toISOString() : openedAt,
      endsAt: new Date(nowMs + SALE_HOURS * 3_600_000).toISOString(),
      allowGuests: true,
      limits: { perShopper: 1 },
      holdSeconds,
      items: [{ sku: id, productId: id, salePrice, stock, intakes }],
      queue: {
        queueingMethod: "fifo",
        newUsersPerMinute,
        totalActiveUsers: capacity,
        claimSeconds,
        sessionDurationSeconds,
        lanes,
        ...(reorderWindowMs === undefined ? {} : { reorderWindowMs }),
        ...(isEarly ? { prequeueStartsAt: openedAt } : {}),
      },
    };
    await this.#post("/admin/sales", sale, isSummary);
    await this.#waitUntilOpen(id, isEarly ? "prequeue" : "active");
    return { saleId: id, sku: id, stock, perShopper: 1, capacity };
  }

  /**
   * Changes how many the running line lets in. False when the system has no such route, so that a
   * driver can say so and go on.
   */
  async changeLine(saleId: string, changes: LineChanges): Promise<boolean> {
    const path = `/admin/sales/${saleId}/queue`;
    const answer = await this.#caller.call({
      kind: "admin",
      method: "PATCH",
      path: `/api/v1${path}`,
      headers: this.#headers,
      body: JSON.stringify(changes),
    });
    if (answer.status === 404) return false;
    expectBody(path, answer, isSale);
    return true;
  }

  /** Adds so many units; repeated with the same key, it adds them once. */
  async restock({ saleId, sku }: FloodSale, quantity: number, key: string): Promise<void> {
    const path = `/admin/sales/${saleId}/items/${encodeURIComponent(sku)}/restock`;
    const body = { quantity, reason: "a driver of load" };
    await this.#post(path, body, isSummary, { "idempotency-key": key });
  }

  /** The sale in sum. */
  async summary(saleId: string): Promise<SaleSummary> {
    return this.#get(`/admin/sales/${saleId}/summary`, isSummary);
  }

  /** How fair the sale was, by its public log; null where the system does not say. */
  async fairness(saleId: string): Promise<FairnessTold | null> {
    const path = `/sales/${saleId}/fairness`;
    const answer = await this.#send(path);
    return answer.status === 404 ? null : expectBody(path, answer, isFairness);
  }

  /** Every row of the SKU's ledger, oldest first. */
  async ledger(sale: FloodSale): Promise<LedgerRow[]> {
    const path = `/admin/sales/${sale.saleId}/ledger?sku=${encodeURIComponent(sale.sku)}`;
    return this.#pages(path, isLedgerPage, (page) => page.rows);
  }

  /** Every order of the sale, from D1. */
  async orders(saleId: string): Promise<Order[]> {
    const path = `/admin/orders?saleId=${encodeURIComponent(saleId)}`;
    return this.#pages(path, isOrderPage, (page) => page.orders);
  }

  /** Orders of the sale whose payments need a person. */
  async attention(saleId: string): Promise<Order[]> {
    const path = `/admin/attention?saleId=${encodeURIComponent(saleId)}`;
    return this.#pages(path, isOrderPage, (page) => page.orders);
  }

  /** What needs a person in this sale and is no order's payment. */
  async attentionItems(saleId: string): Promise<AttentionItem[]> {
    const path = `/admin/attention?saleId=${encodeURIComponent(saleId)}`;
    return this.#pages(path, isAttentionPage, (page) => page.items);
  }

  /** Every message of the sale. */
  async messages(saleId: string): Promise<MessageTold[]> {
    const path = `/admin/notifications?saleId=${encodeURIComponent(saleId)}&limit=100`;
    return this.#pages(path, isMessagePage<MessageTold>, (page) => page.notifications);
  }

  /** Compares the books of the sale's items now. */
  async reconcile(saleId: string): Promise<ReconciledItem[]> {
    const items: ReconciledItem[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const body = { saleId, ...(cursor === undefined ? {} : { cursor }) };
      const page = await this.#post("/admin/reconcile", body, isReconciledPage);
      items.push(...page.items);
      ({ cursor } = page);
      if (cursor === undefined) return items;
    }
    throw new Error(`/admin/reconcile goes on after ${PAGES_MAX} pages; its cursor does not move`);
  }

  /** What the sandbox has on its own books of the item; null where another provider takes the money. */
  async sandboxPayments({ sku }: Pick<FloodSale, "sku">): Promise<SandboxPayment[] | null> {
    const path = `/admin/sandbox/payments?sku=${encodeURIComponent(sku)}`;
    if ((await this.#send(`${path}&limit=1`)).status === 404) return null;
    return this.#pages(path, isSandboxPage, (page) => page.payments);
  }

  async #waitUntilOpen(saleId: string, openState: "active" | "prequeue"): Promise<void> {
    for (let look = 0; look < ACTIVE_LOOKS_MAX; look += 1) {
      const { state } = await this.#get(`/sales/${saleId}`, isSale);
      if (state === openState) return;
      await this.#caller.clock.sleep(ACTIVE_PAUSE_MS);
    }
    throw new Error(`sale ${saleId} was created but did not open; see GET /api/v1/sales/${saleId}`);
  }

  async #pages<Page extends { cursor?: string | number | null }, Row>(
    path: string,
    guard: Guard<Page>,
    rowsOf: (page: Page) => Row[],
  ): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor = "";
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const page = await this.#get(`${path}${cursor}`, guard);
      for (const row of rowsOf(page)) rows.push(row);
      if (page.cursor === undefined || page.cursor === null) return rows;
      cursor = `&cursor=${encodeURIComponent(page.cursor)}`;
    }
    throw new Error(`${path} goes on after ${PAGES_MAX} pages; its cursor does not move`);
  }

  async #get<T extends object>(path: string, guard: Guard<T>): Promise<T> {
    return expectBody(path, await this.#send(path), guard);
  }

  async #send(path: string): Promise<Answer> {
    const headers = this.#headers;
    return this.#caller.call({ kind: "admin", method: "GET", path: `/api/v1${path}`, headers });
  }

  async #post<T extends object>(
    path: string,
    body: object,
    guard: Guard<T>,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const answer = await this.#caller.call({
      kind: "admin",
      method: "POST",
      path: `/api/v1${path}`,
      headers: { ...this.#headers, ...headers },
      body: JSON.stringify(body),
    });
    return expectBody(path, answer, guard);
  }
}

function expectBody<T extends object>(path: string, answer: Answer, guard: Guard<T>): T {
  const body = answer.status < 300 ? parseBody(answer.text, guard) : null;
  if (body !== null) return body;
  const { code, detail } = problemOf(answer);
  const hint =
    answer.status === 401 || answer.status === 403
      ? "; pass --admin-token or ADMIN_TOKEN of the system that runs at this address"
      : "";
  throw new Error(`${path} answered ${answer.status} ${code ?? ""} ${detail ?? ""}${hint}`);
}
