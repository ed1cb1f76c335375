/** The admin's list of orders, newest first, by sale and status, page by page. */
import type { AdminOrder, OrderStatus } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { formatMoment, formatMoney, formatNumber } from "../format.ts";
import { startPoller } from "../poller.ts";
import type { AdminApi } from "./admin-api.ts";

const REFRESH_MS = 3_000;
/** Rows kept on the page; older ones are found by status and sale. */
const ROWS_MAX = 500;

const STATUSES: readonly OrderStatus[] = [
  "RESERVED",
  "PAYMENT_PENDING",
  "CONFIRMED",
  "EXPIRED",
  "PAYMENT_FAILED",
  "CANCELLED",
  "REFUNDED",
];

/** The list; `setSale` narrows it to one sale, null shows all. */
export interface OrderTable {
  readonly root: HTMLElement;
  readonly setSale: (saleId: string | null) => void;
}

/** Builds the list, which refreshes itself while only its first page is shown. */
export function createOrderTable(
  api: AdminApi,
  onFailures: (failures: number, error: unknown) => void,
): OrderTable {
  const body = h("tbody");
  const count = h("p", { class: "fine", role: "status" });
  let saleId: string | null = null;
  let status: OrderStatus | null = null;
  let cursor: string | null = null;
  let shown: readonly AdminOrder[] = [];
  let isFirstPage = true;

  const draw = (): void => {
    body.replaceChildren(...shown.map(orderRow));
    setText(count, shown.length === 0 ? "No orders." : `${formatNumber(shown.length)} shown.`);
    setShown(more, cursor !== null && shown.length < ROWS_MAX);
  };
  const ask = async (): Promise<number> => {
    const asked = { saleId, status };
    if (isFirstPage) {
      const page = await api.orders({ ...asked, cursor: null });
      if (asked.saleId !== saleId || asked.status !== status) {
        return 0;
      }
      shown = page.orders;
      cursor = page.cursor ?? null;
      draw();
    }
    return REFRESH_MS;
  };
  const loadMore = async (): Promise<void> => {
    isFirstPage = false;
    const page = await api.orders({ saleId, status, cursor });
    shown = [...shown, ...page.orders];
    cursor = page.cursor ?? null;
    draw();
  };
  const restart = (): void => {
    isFirstPage = true;
    poller.wake();
  };
  const more = h(
    "button",
    {
      class: "button button-quiet",
      type: "button",
      click: () => void loadMore().catch((error: unknown) => onFailures(2, error)),
    },
    "Older orders",
  );
  const filter = h(
    "select",
    {
      change: () => {
        status = STATUSES.find((known) => known === filter.value) ?? null;
        restart();
      },
    },
    h("option", { value: "" }, "All"),
    ...STATUSES.map((value) => h("option", { value }, words(value))),
  );
  const headings = ["Order", "Status", "Place", "Article", "Total", "Placed"];
  const poller = startPoller({ ask, onFailures });
  return {
    root: h(
      "section",
      { class: "admin-card", "aria-labelledby": "orders-heading" },
      h(
        "div",
        { class: "detail-head" },
        h("h2", { id: "orders-heading" }, "Orders"),
        h("label", { class: "field field-inline" }, h("span", {}, "Status"), filter),
      ),
      h(
        "div",
        { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table of orders" },
        h(
          "table",
          {},
          h("thead", {}, h("tr", {}, ...headings.map((text) => h("th", { scope: "col" }, text)))),
          body,
        ),
      ),
      h("div", { class: "actions" }, more, count),
    ),
    setSale(next) {
      saleId = next;
      restart();
    },
  };
}

function orderRow({
  orderId,
  status,
  number,
  quantity,
  sku,
  total,
  createdAt,
}: AdminOrder): HTMLElement {
  return h(
    "tr",
    {},
    h("td", { class: "code order-id", title: orderId }, orderId),
    h("td", {}, h("span", { class: `badge badge-${status.toLowerCase()}` }, words(status))),
    h("td", {}, number === undefined ? "–" : formatNumber(number)),
    h("td", {}, quantity > 1 ? `${quantity} × ${sku}` : sku),
    h("td", {}, formatMoney(total)),
    h("td", {}, formatMoment(createdAt)),
  );
}

function words(status: OrderStatus): string {
  const text = status.toLowerCase().replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
