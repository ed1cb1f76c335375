/** What the panels of an order share: what they show, what can be done, and the line of what was ordered. */
import type { Order, Payment } from "../contract.ts";
import { h, setText } from "../dom.ts";
import { formatMoment, formatMoney } from "../format.ts";

/** What an order panel shows, on the sale's page and on the order's own. */
export interface OrderModel {
  readonly order: Order;
  /** What was bought, in words; the sku where the sale is not known. */
  readonly itemName: string;
  readonly errand: string | null;
  /** When cards can be tried again; null unless payments are down. */
  readonly cardsAgainAtMs: number | null;
  /** Whether the checkout has to say where the order goes. */
  readonly needsAddress: boolean;
}

/** What a shopper can do with an open order. */
export interface OrderActions {
  readonly pay: (payment: Payment) => void;
  readonly cancel: () => void;
}

/** A part of a panel; `update` as for a panel. */
export interface OrderPart {
  readonly root: HTMLElement;
  readonly update: (model: OrderModel) => void;
}

/** What was ordered and what it costs, as one line. */
export function orderSummary(): OrderPart {
  const name = h("span", { class: "summary-name" });
  const total = h("span", { class: "summary-total" });
  return {
    root: h("p", { class: "summary" }, name, total),
    update({ order, itemName }) {
      setText(name, order.quantity > 1 ? `${order.quantity} × ${itemName}` : itemName);
      setText(total, formatMoney(order.total));
    },
  };
}

/** The number of an order and when it was placed. */
export function orderFacts(): OrderPart {
  const orderNumber = h("dd", { class: "code", "data-testid": "order-id" });
  const placed = h("dd");
  return {
    root: h(
      "dl",
      { class: "facts facts-wide" },
      h("div", {}, h("dt", {}, "Order"), orderNumber),
      h("div", {}, h("dt", {}, "Placed"), placed),
    ),
    update({ order }) {
      setText(orderNumber, order.orderId);
      setText(placed, formatMoment(order.createdAt));
    },
  };
}
