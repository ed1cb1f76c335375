/** The shop window: the sale of the moment, what opens next, and what the shop sells. */
import { getSaleStatus, listProducts, listSales } from "./api.ts";
import { spreadMs } from "./backoff.ts";
import { serverNowMs } from "./clock.ts";
import { createConnection } from "./connection.ts";
import type { Product, Sale, SaleStatus } from "./contract.ts";
import { byId, setShown } from "./dom.ts";
import { startPoller } from "./poller.ts";
import { productCard } from "./product-card.ts";
import { createSaleCard, type SaleCard } from "./sale-card.ts";

const TICK_MS = 250;
/** The list of sales changes by hand; the figures of each change with every order. */
const LIST_POLL_MS = 30_000;
const STATUS_POLL_MS = 5_000;
/** So many sales have their figures asked for; a shop rarely runs more than two at once. */
const LIVE_SALES_MAX = 8;

interface Shown {
  sale: Sale;
  status: SaleStatus | null;
  readonly card: SaleCard;
}

const connection = createConnection(byId("connection"));
const cards = new Map<string, Shown>();
let products: readonly Product[] = [];

/** What is open comes first, then by opening. */
function byImportance(a: Shown, b: Shown): number {
  const rank = ({ sale, status }: Shown): number => {
    const state = status?.state ?? sale.state;
    return state === "active" || state === "paused" ? 0 : state === "sold_out" ? 2 : 1;
  };
  return rank(a) - rank(b) || Date.parse(a.sale.startsAt) - Date.parse(b.sale.startsAt);
}

function arrange(): void {
  const [first, ...others] = [...cards.values()].sort(byImportance);
  place(byId("featured"), first === undefined ? [] : [first]);
  place(byId("sales"), others);
  setShown(byId("more"), others.length > 0);
  setShown(byId("quiet"), first === undefined);
}

/** Moves cards only where the order changed, so that the focus stays in a card that stays. */
function place(host: HTMLElement, shown: readonly Shown[]): void {
  const roots = shown.map(({ card }) => card.root);
  const isSame =
    roots.length === host.children.length && roots.every((root, i) => host.children[i] === root);
  if (!isSame) {
    host.replaceChildren(...roots);
  }
}

function draw(): void {
  const nowMs = serverNowMs();
  for (const { sale, status, card } of cards.values()) {
    card.update(sale, status, nowMs);
  }
}

async function askList(): Promise<number> {
  const sales = (await listSales()).filter(({ state }) => state !== "ended" && state !== "draft");
  for (const sale of sales) {
    const known = cards.get(sale.saleId);
    if (known === undefined) {
      const card = createSaleCard(sale, products);
      cards.set(sale.saleId, { sale, status: null, card });
    } else {
      known.sale = sale;
    }
  }
  const ids = new Set(sales.map(({ saleId }) => saleId));
  for (const saleId of cards.keys()) {
    if (!ids.has(saleId)) {
      cards.delete(saleId);
    }
  }
  arrange();
  draw();
  byId("main").dataset["state"] = "ready";
  figures.wake();
  return spreadMs(LIST_POLL_MS, Math.random());
}

async function askFigures(): Promise<number | null> {
  const live = [...cards.values()].slice(0, LIVE_SALES_MAX);
  await Promise.all(
    live.map(async (shown) => {
      shown.status = await getSaleStatus(shown.sale.saleId);
    }),
  );
  arrange();
  draw();
  return live.length === 0 ? null : spreadMs(STATUS_POLL_MS, Math.random());
}

async function showProducts(): Promise<void> {
  products = await listProducts();
  byId("products").replaceChildren(...products.map((product) => productCard(product)));
  setShown(byId("catalogue"), products.length > 0);
}

const figures = startPoller({
  ask: askFigures,
  onFailures: (count, error) => connection.failures("figures", count, error),
});

async function open(): Promise<void> {
  // The window works without pictures, so what sells is not kept waiting for them if they fail.
  await showProducts().catch(() => undefined);
  startPoller({
    ask: askList,
    onFailures: (count, error) => connection.failures("list", count, error),
  });
  setInterval(draw, TICK_MS);
}

void open();
