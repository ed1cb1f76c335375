/** The panels of an order: its payment under way, the question of a bank, the order made, the order that ended. */
import { h, setShown, setText } from "../dom.ts";
import { formatClock, formatMoney } from "../format.ts";
import { ORDERS_LINK, orderLink, outsideLink, saleLink } from "../links.ts";
import { orderEnding, payingText, statusWords } from "../order-text.ts";
import { checkoutPanel } from "./checkout-panel.ts";
import { orderFacts, orderSummary, type OrderActions, type OrderModel } from "./order-parts.ts";
import { lead, panelHeading, type Panel } from "./panel.ts";

/** The panel of an order for a screen; null where the page has a panel of its own. */
export function orderPanel(
  screen: string,
  actions: OrderActions,
  isOrderPage: boolean,
): Panel<OrderModel> | null {
  switch (screen) {
    case "reserved":
    case "declined":
    case "offered":
      return checkoutPanel(screen, actions);
    case "paying":
      return payingPanel();
    case "action":
      return bankPanel();
    case "confirmed":
      return confirmedPanel(isOrderPage);
    default:
      return null;
  }
}

/** The payment under way: nothing to do but wait, and nothing lost by leaving. */
function payingPanel(): Panel<OrderModel> {
  const heading = panelHeading("");
  const clock = h("span", { class: "clock-figure clock-small" });
  const left = h("p", { class: "clock", role: "timer" }, clock, " at most");
  const explained = h("p", { class: "lead", role: "status" });
  const summary = orderSummary();
  return {
    root: h(
      "div",
      { class: "panel-body panel-paying" },
      heading,
      h("div", { class: "busy-line", role: "progressbar", "aria-label": "Payment under way" }),
      explained,
      left,
      summary.root,
    ),
    heading,
    update(now, nowMs) {
      const text = payingText(now.order, nowMs);
      setText(heading, text.heading);
      setText(explained, text.text);
      setShown(left, text.left !== null);
      setText(clock, text.left ?? "");
      summary.update(now);
    },
  };
}

/** The bank wants to hear from the shopper, on a page of its own. Nobody is sent there unasked. */
function bankPanel(): Panel<OrderModel> {
  const heading = panelHeading("Your bank asks for your approval");
  const clock = h("span", { class: "clock-figure" });
  const left = h("p", { class: "clock", role: "timer" }, clock, " left to approve");
  const explained = lead("");
  const summary = orderSummary();
  const go = h(
    "a",
    { class: "button button-main", "data-testid": "bank" },
    "Continue to your bank",
  );
  return {
    root: h(
      "div",
      { class: "panel-body panel-bank" },
      heading,
      left,
      explained,
      summary.root,
      h("div", { class: "actions" }, go),
      h(
        "p",
        { class: "fine" },
        "Approve it there; your bank then sends you back to your order. Until you do, nothing is charged.",
      ),
    ),
    heading,
    update(now, nowMs) {
      const { payment, nextAction } = now.order;
      const leftMs = Date.parse(payment?.deadline ?? "") - nowMs;
      const url = outsideLink(nextAction?.url ?? "");
      setShown(left, !Number.isNaN(leftMs));
      setText(clock, formatClock(leftMs));
      setText(explained, bankText(leftMs <= 0, url === null));
      setShown(go, url !== null && !(leftMs <= 0));
      go.href = url ?? "";
      summary.update(now);
    },
  };
}

function bankText(isOver: boolean, isLost: boolean): string {
  if (isOver) {
    return "The time is up. The payment is being called off; nothing is charged.";
  }
  return isLost
    ? "Your bank’s page cannot be opened from here. When the time is up, the payment is called off and nothing is charged."
    : "It stays reserved for you meanwhile.";
}

const CONFIRMED_HEADINGS: Readonly<Record<string, string>> = {
  SHIPPED: "On its way",
  DELIVERED: "Delivered",
};

/** The order made. */
function confirmedPanel(isOrderPage: boolean): Panel<OrderModel> {
  const heading = panelHeading("");
  const explained = lead("");
  const summary = orderSummary();
  const facts = orderFacts();
  const details = h("a", { class: "button button-main", href: ORDERS_LINK }, "See the order");
  return {
    root: h(
      "div",
      { class: "panel-body panel-confirmed" },
      h("div", { class: "tick", "aria-hidden": "true" }),
      heading,
      explained,
      summary.root,
      facts.root,
      h(
        "div",
        { class: "actions" },
        isOrderPage ? null : details,
        h("a", { class: "button button-quiet", href: "/" }, "Back to the shop"),
      ),
    ),
    heading,
    update(now) {
      const { orderId, payment, status, total } = now.order;
      setText(heading, CONFIRMED_HEADINGS[status] ?? "It is yours");
      setText(
        explained,
        payment?.status === "on_delivery"
          ? `Confirmed. You pay ${formatMoney(total)} when it arrives. Keep the order number for any question.`
          : "Paid and confirmed. Keep the order number for any question.",
      );
      summary.update(now);
      facts.update(now);
      details.href = orderLink(orderId);
    },
  };
}

/** On the page of an order that came to nothing or was taken back: what became of it, and of its money. */
export function endedOrderPanel(): Panel<OrderModel> {
  const heading = panelHeading("");
  const explained = h("p", { class: "lead", role: "status" });
  const summary = orderSummary();
  const facts = orderFacts();
  const back = h("a", { class: "button button-main" }, "Back to the sale");
  return {
    root: h(
      "div",
      { class: "panel-body panel-end" },
      heading,
      explained,
      summary.root,
      facts.root,
      h(
        "div",
        { class: "actions" },
        back,
        h("a", { class: "button button-quiet", href: ORDERS_LINK }, "Your orders"),
      ),
    ),
    heading,
    update(now) {
      const ending = orderEnding(now.order);
      setText(heading, ending?.heading ?? statusWords(now.order));
      setText(explained, ending?.text ?? "");
      back.href = saleLink(now.order.saleId);
      summary.update(now);
      facts.update(now);
    },
  };
}
