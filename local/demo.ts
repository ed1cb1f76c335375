/** A product as `POST /admin/products` takes it. Prices are in minor units. */
export interface DemoProduct {
  productId: string;
  name: string;
  description: string;
  price: { amount: number; currency: string };
  images: string[];
}

/** A sale as `POST /admin/sales` takes it. */
export interface DemoSale {
  saleId: string;
  name: string;
  startsAt: string;
  endsAt: string;
  allowGuests: boolean;
  limits: { perShopper: number };
  holdSeconds: number;
  items: {
    sku: string;
    productId: string;
    salePrice: { amount: number; currency: string };
    stock: number;
  }[];
  queue: { prequeueStartsAt?: string };
}

/** What the decision needs to know of a sale that exists already. */
export interface ExistingSale {
  saleId: string;
  state: string;
  endsAt: string;
}

const HOUR_MS = 60 * 60 * 1000;

/** Long enough to look around first, short enough to wait for the opening. */
const UPCOMING_STARTS_IN_MS = 10 * 60 * 1000;

/** A sale that is active now began a moment ago, whatever the clocks of the Workers say. */
const ACTIVE_STARTED_AGO_MS = 1000;

const SALE_DURATION_MS = 2 * HOUR_MS;

function product(
  productId: string,
  name: string,
  euroCents: number,
  description: string,
): DemoProduct {
  const price = { amount: euroCents, currency: "EUR" };
  return { productId, name, description, price, images: [`/images/${productId}.svg`] };
}

/** The catalogue of the demo shop; each product has a picture in web/public/images. */
export const DEMO_PRODUCTS: readonly DemoProduct[] = [
  product("phone", "Halyard Phone", 79900, "A bright 6.1 inch screen and a battery for two days."),
  product("headphones", "Lull Headphones", 24900, "Quiet when you want it, 40 hours on a charge."),
  product(
    "camera",
    "Prism Camera",
    64900,
    "A full-frame sensor in a body that fits a coat pocket.",
  ),
  product("watch", "Tidal Watch", 32900, "Steps, sleep and the tide table, on the wrist."),
  product("console", "Rook Console", 49900, "Plays on the television and on the train."),
  product("speaker", "Hearth Speaker", 17900, "One small speaker that fills one large room."),
];

interface SaleTemplate {
  prefix: string;
  make: (number: number, nowMs: number) => DemoSale;
}

const TEMPLATES: readonly SaleTemplate[] = [
  {
    prefix: "demo-phone-",
    make: (number, nowMs) => ({
      saleId: `demo-phone-${number}`,
      name: "Half price: Halyard Phone",
      startsAt: isoTime(nowMs - ACTIVE_STARTED_AGO_MS),
      endsAt: isoTime(nowMs + SALE_DURATION_MS),
      ...COMMON_TERMS,
      items: [item("phone", number, 39900, 100)],
      queue: {},
    }),
  },
  {
    prefix: "demo-weekend-",
    make: (number, nowMs) => ({
      saleId: `demo-weekend-${number}`,
      name: "Weekend drop: sound and vision",
      startsAt: isoTime(nowMs + UPCOMING_STARTS_IN_MS),
      endsAt: isoTime(nowMs + UPCOMING_STARTS_IN_MS + SALE_DURATION_MS),
      ...COMMON_TERMS,
      items: [item("headphones", number, 14900, 50), item("camera", number, 44900, 20)],
      // Shoppers may come in early from now on; their order is drawn at the start.
      queue: { prequeueStartsAt: isoTime(nowMs) },
    }),
  },
];

const COMMON_TERMS = { allowGuests: true, limits: { perShopper: 1 }, holdSeconds: 120 };

/**
 * Which demo sales to create: each kind again once the last one of its kind has ended, under the
 * next free number, so that restarts add nothing while a sale is still to come or running.
 */
export function planDemoSales(existing: readonly ExistingSale[], nowMs: number): DemoSale[] {
  return TEMPLATES.flatMap(({ prefix, make }) => {
    const ofKind = existing.filter((sale) => sale.saleId.startsWith(prefix));
    if (ofKind.some((sale) => !hasEnded(sale, nowMs))) return [];
    const numbers = ofKind.map((sale) => Number(sale.saleId.slice(prefix.length)));
    return [make(Math.max(0, ...numbers.filter(Number.isSafeInteger)) + 1, nowMs)];
  });
}

function hasEnded(sale: ExistingSale, nowMs: number): boolean {
  return sale.state === "ended" || Date.parse(sale.endsAt) <= nowMs;
}

/** A sku belongs to one sale, so each new sale has skus of its own. */
function item(
  productId: string,
  number: number,
  euroCents: number,
  stock: number,
): DemoSale["items"][number] {
  const salePrice = { amount: euroCents, currency: "EUR" };
  return { sku: `${productId}-${number}`, productId, salePrice, stock };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
