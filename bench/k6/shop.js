import http from "k6/http";
import { Counter, Rate } from "k6/metrics";
import { ADMIN_TOKEN, URL } from "./settings.js";

const API = `${URL}/api/v1`;
const HOUR_MS = 3_600_000;
const SALE_HOURS = 6;
const HOLD_SECONDS = 600;

/** Answers that the contract does not allow, or none. */
export const callFailed = new Rate("call_failed");
/** Units sold or held beyond the stock. */
export const oversold = new Counter("oversold");

const admin = {
  headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
  tags: { call: "admin" },
};

/** Creates a product and a sale that is open, and waits until it says so. */
export function openSale({ stock, capacity, perMinute, windowMs }) {
  const id = `k6-${Date.now().toString(36)}`;
  const price = { amount: 49900, currency: "EUR" };
  ask("products", { productId: id, name: "Load", price, images: [] });
  ask("sales", {
    saleId: id,
    name: "Load",
    startsAt: new Date(Date.now() - 1000).toISOString(),
    endsAt: new Date(Date.now() + SALE_HOURS * HOUR_MS).toISOString(),
    allowGuests: true,
    limits: { perShopper: 1 },
    holdSeconds: HOLD_SECONDS,
    items: [{ sku: id, productId: id, salePrice: price, stock }],
    queue: {
      newUsersPerMinute: perMinute,
      totalActiveUsers: capacity,
      reorderWindowMs: windowMs,
    },
  });
  const untilMs = Date.now() + 30_000;
  while (Date.now() < untilMs) if (stateOf(id) === "active") return { saleId: id, sku: id, stock };
  throw new Error(`sale ${id} did not open`);
}

/** Counts what was sold beyond the stock, by the last row of the item's ledger and the shop's own sum. */
export function judgeSale({ saleId, sku, stock }) {
  const summary = http.get(`${API}/admin/sales/${saleId}/summary`, admin).json();
  const path = `${API}/admin/sales/${saleId}/ledger?sku=${sku}`;
  let last = null;
  let cursor = "0";
  for (;;) {
    const page = http.get(`${path}&cursor=${cursor}`, admin).json();
    if (page.rows.length === 0) break;
    last = page.rows[page.rows.length - 1];
    cursor = page.cursor;
  }
  const { available, held, sold } = last;
  oversold.add(Math.max(0, held + sold - stock, -available, summary.oversold || 0));
  return { stock, available, held, sold };
}

/** One call of a shopper; the answer must have one of these statuses. */
export function call(name, method, path, { body = null, expected, headers = {} }) {
  const response = http.request(method, `${API}${path}`, body && JSON.stringify(body), {
    headers: { ...(body ? { "content-type": "application/json" } : {}), ...headers },
    tags: { call: name, name },
    responseCallback: http.expectedStatuses(...expected),
  });
  callFailed.add(!expected.includes(response.status), { call: name });
  return response;
}

function ask(path, body) {
  const response = http.post(`${API}/admin/${path}`, JSON.stringify(body), admin);
  if (response.status >= 300) throw new Error(`${path}: ${response.status} ${response.body}`);
}

function stateOf(saleId) {
  return http.get(`${API}/sales/${saleId}`, { tags: { call: "admin" } }).json("state");
}
