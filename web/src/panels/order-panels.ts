/** The panels of an order: the hold and its payment form, the payment under way, the order made. */
import type { Order } from "../contract.ts";
import { h, setShown, setText } from "../dom.ts";
import { formatClock, formatMoney, formatMoment } from "../format.ts";
import { ORDERS_LINK, orderLink } from "../links.ts";
import { lead, panelHeading, quietButton, setBusy, type Panel } from "./panel.ts";

/** What an order panel shows, on the sale's page and on the order's own. */
export interface OrderModel {
  readonly order: Order;
  /** What was bought, in words; the sku where the sale is not known. */
  readonly itemName: string;
  readonly errand: string | null;
}

/** What a shopper can do with an open order. */
export interface OrderActions {
  readonly pay: (paymentToken: string) => void;
  readonly cancel: () => void;
}

/** The cards of the payment sandbox, and what each of them does. */
const TEST_CARDS = [
  { token: "tok_ok", name: "Card that works", does: "The payment goes through" },
  { token: "tok_decline", name: "Card that is declined", does: "You can then try another" },
  {
    token: "tok_timeout",
    name: "Card with a slow bank",
    does: "Answers late, with yes or no",
  },
] as const;

const DECLINE_REASONS: Readonly<Record<string, string>> = {
  insufficient_funds: "There is not enough money on the card.",
  timeout: "The bank did not answer in time.",
};

/** The hold: what is reserved, for how long, and the payment form; after a decline it says so. */
export function holdPanel(wasDeclined: boolean, actions: OrderActions): Panel<OrderModel> {
  const heading = panelHeading(wasDeclined ? "Payment declined" : "Reserved for you");
  const clock = h("span", { class: "clock-figure" });
  const left = h("p", { class: "clock", role: "timer" }, clock, " left to pay");
  const explained = lead("");
  const summary = orderSummary();
  const cards = cardChoice();
  const pay = h("button", { class: "button button-main", type: "submit", "data-testid": "pay" });
  const cancel = quietButton("cancel", "Cancel the order", actions.cancel);
  const submit = (event: Event): void => {
    event.preventDefault();
    const token = new FormData(form).get("card");
    if (pay.getAttribute("aria-disabled") !== "true" && typeof token === "string") {
      actions.pay(token);
    }
  };
  const form = h(
    "form",
    { class: "payment", submit },
    cards,
    h("div", { class: "actions" }, pay, cancel),
  );
  return {
    root: h(
      "div",
      { class: "panel-body panel-hold" },
      heading,
      left,
      explained,
      summary.root,
      form,
    ),
    heading,
    update(now, nowMs) {
      const { order, errand } = now;
      const leftMs = Date.parse(order.expiresAt ?? "") - nowMs;
      const isOver = leftMs <= 0;
      setShown(left, !Number.isNaN(leftMs));
      setText(clock, formatClock(leftMs));
      setText(explained, holdText(order, isOver));
      summary.update(now);
      pay.disabled = isOver;
      setBusy(pay, errand === "pay", `Pay ${formatMoney(order.total)}`, "Sending the payment…");
      cards.disabled = isOver || errand === "pay";
      setBusy(cancel, errand === "cancel", "Cancel the order", "Cancelling…");
    },
  };
}

function holdText(order: Order, isOver: boolean): string {
  if (isOver) {
    return "The time is up. Checking what became of the order…";
  }
  const error = order.payment?.lastError ?? null;
  return error === null
    ? "Nobody else can buy it meanwhile."
    : `${declineReason(error)} Nothing was charged, and it is still reserved for you: pay with another card before the time is up.`;
}

function declineReason(error: string): string {
  return DECLINE_REASONS[error] ?? "The bank said no.";
}

function cardChoice(): HTMLFieldSetElement {
  const choices = TEST_CARDS.map(({ token, name, does }, index) =>
    h(
      "label",
      { class: "choice" },
      h("input", {
        type: "radio",
        name: "card",
        value: token,
        checked: index === 0,
        "data-testid": `card-${token}`,
      }),
      h("span", { class: "choice-name" }, name),
      h("span", { class: "choice-detail" }, does),
    ),
  );
  return h(
    "fieldset",
    { class: "choices" },
    h("legend", {}, "Pay with a test card"),
    h("p", { class: "fine" }, "A payment sandbox: no real card, no real money."),
    ...choices,
  );
}

/** What was ordered and what it costs, as one line. */
export function orderSummary(): { root: HTMLElement; update: (model: OrderModel) => void } {
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

/** The payment under way: nothing to do but wait, and nothing lost by leaving. */
export function payingPanel(): Panel<OrderModel> {
  const heading = panelHeading("Waiting for the bank");
  const summary = orderSummary();
  return {
    root: h(
      "div",
      { class: "panel-body panel-paying" },
      heading,
      h("div", { class: "busy-line", role: "progressbar", "aria-label": "Payment under way" }),
      lead(
        "This usually takes a few seconds. It goes on if you close the page; the order is then under Your orders.",
      ),
      summary.root,
    ),
    heading,
    update: summary.update,
  };
}

const CONFIRMED_HEADINGS: Readonly<Partial<Record<Order["status"], string>>> = {
  SHIPPED: "On its way",
  DELIVERED: "Delivered",
  REFUNDED: "Refunded",
};

/** The order made. */
export function confirmedPanel(isOrderPage: boolean): Panel<OrderModel> {
  const heading = panelHeading("It is yours");
  const explained = lead("");
  const summary = orderSummary();
  const orderNumber = h("dd", { class: "code", "data-testid": "order-id" });
  const placed = h("dd");
  const details = h("a", { class: "button button-main", href: ORDERS_LINK }, "See the order");
  return {
    root: h(
      "div",
      { class: "panel-body panel-confirmed" },
      h("div", { class: "tick", "aria-hidden": "true" }),
      heading,
      explained,
      summary.root,
      h(
        "dl",
        { class: "facts facts-wide" },
        h("div", {}, h("dt", {}, "Order"), orderNumber),
        h("div", {}, h("dt", {}, "Placed"), placed),
      ),
      h(
        "div",
        { class: "actions" },
        isOrderPage ? null : details,
        h("a", { class: "button button-quiet", href: "/" }, "Back to the shop"),
      ),
    ),
    heading,
    update(now) {
      const { order } = now;
      setText(heading, CONFIRMED_HEADINGS[order.status] ?? "It is yours");
      setText(
        explained,
        order.status === "REFUNDED"
          ? "The money is on its way back to the card."
          : "Paid and confirmed. Keep the order number for any question.",
      );
      summary.update(now);
      setText(orderNumber, order.orderId);
      setText(placed, formatMoment(order.createdAt));
      details.href = orderLink(order.orderId);
    },
  };
}
