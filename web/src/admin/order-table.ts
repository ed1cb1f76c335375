/** The admin's list of orders, newest first, by sale and status, page by page. */
import type { AdminOrder, OrderStatus } from "../contract.ts";
import { focusOn, h, setShown, setText } from "../dom.ts";
import { formatNumber } from "../format.ts";
import { startPoller } from "../poller.ts";
import type { AdminApi } from "./admin-api.ts";
import { askForReason } from "./ask-reason.ts";
import { ORDER_HEADINGS, orderRow } from "./order-row.ts";
import { statusWords, takenBackText, takingBack } from "./payment-text.ts";
import { keyedRows } from "./rows.ts";
import type { ToldOrders } from "./told-orders.ts";

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

/** What the list needs of the console. */
export interface OrderTableOptions {
  readonly api: AdminApi;
  readonly told: ToldOrders;
  /** Hears an order as a command has left it. */
  readonly acted: (order: AdminOrder) => void;
  readonly onFailures: (failures: number, error: unknown) => void;
}

/** The list; `setSale` narrows it to one sale, null shows all; `refresh` looks again. */
export interface OrderTable {
  readonly root: HTMLElement;
  readonly setSale: (saleId: string | null) => void;
  readonly refresh: () => void;
}

/** Builds the list, which refreshes itself while only its first page is shown. */
export function createOrderTable(options: OrderTableOptions): OrderTable {
  const { api, told, acted, onFailures } = options;
  const body = h("tbody");
  const count = h("p", { class: "fine", role: "status" });
  const outcome = h("p", { class: "outcome", role: "status" });
  let saleId: string | null = null;
  let status: OrderStatus | null = null;
  let cursor: string | null = null;
  let shown: readonly AdminOrder[] = [];
  let isFirstPage = true;

  const takeBack = async (order: AdminOrder, row: HTMLElement): Promise<void> => {
    const way = takingBack(order);
    if (way === null) {
      return;
    }
    const after = await askForReason({
      title: way.title,
      text: `${order.quantity} × ${order.sku}. ${way.text}`,
      label: "Reason",
      yes: way.yes,
      work: (reason) => api.refund(order.orderId, reason),
    });
    if (after === null) {
      refresh();
      return;
    }
    setText(outcome, takenBackText(after));
    acted(after);
    // The button that had the focus has left the page.
    focusOn(row);
  };
  const show = keyedRows(
    body,
    ({ orderId }: AdminOrder) => orderId,
    () => orderRow((order, row) => void takeBack(order, row)),
  );
  const draw = (): void => {
    show(told.freshen(shown));
    setText(count, countText(shown.length, isFirstPage));
    setShown(more, cursor !== null && shown.length < ROWS_MAX);
    setShown(newest, !isFirstPage);
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
  const refresh = (): void => {
    draw();
    poller.wake();
  };
  const quietButton = (label: string, click: () => void): HTMLButtonElement =>
    h("button", { class: "button button-quiet", type: "button", click }, label);
  const more = quietButton(
    "Older orders",
    () => void loadMore().catch((error: unknown) => onFailures(2, error)),
  );
  const newest = quietButton("Back to the newest", () => {
    restart();
    focusOn(heading);
  });
  const filter = h(
    "select",
    {
      change: () => {
        status = STATUSES.find((known) => known === filter.value) ?? null;
        restart();
      },
    },
    h("option", { value: "" }, "All"),
    ...STATUSES.map((value) => h("option", { value }, statusWords(value))),
  );
  const heading = h("h2", { id: "orders-heading" }, "Orders");
  const poller = startPoller({ ask, onFailures });
  return {
    root: h(
      "section",
      { class: "admin-card", "aria-labelledby": "orders-heading" },
      h(
        "div",
        { class: "detail-head" },
        heading,
        h("label", { class: "field field-inline" }, h("span", {}, "Status"), filter),
      ),
      h(
        "div",
        { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table of orders" },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h("tr", {}, ...ORDER_HEADINGS.map((text) => h("th", { scope: "col" }, text))),
          ),
          body,
        ),
      ),
      h("div", { class: "actions" }, more, newest, count, outcome),
    ),
    setSale(next) {
      saleId = next;
      setText(outcome, "");
      restart();
    },
    refresh,
  };
}

function countText(orders: number, isLive: boolean): string {
  if (orders === 0) {
    return "No orders.";
  }
  const count = `${formatNumber(orders)} shown`;
  return isLive ? `${count}.` : `${count}, as they were when they were loaded.`;
}
