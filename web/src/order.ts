/** The page of one order, or without an id the list of all orders of this shopper. */
import { getSale, listOrders } from "./api.ts";
import { untilAnswered } from "./attempts.ts";
import { serverNowMs } from "./clock.ts";
import { createConnection } from "./connection.ts";
import type { Order, OrderStatus, Sale } from "./contract.ts";
import { byId, focusOn, h, setText } from "./dom.ts";
import { formatMoment, formatMoney } from "./format.ts";
import { idOfPage, ORDERS_LINK, orderLink, saleLink } from "./links.ts";
import { OrderFlow } from "./order-flow.ts";
import { orderEnding } from "./panels/end-panels.ts";
import { confirmedPanel, holdPanel, payingPanel, type OrderModel } from "./panels/order-panels.ts";
import { lead, panelHeading, type Panel } from "./panels/panel.ts";
import { readableProblem } from "./problem.ts";
import { asGuest, hasGuest } from "./session.ts";
import { orderScreen } from "./waiting.ts";

const TICK_MS = 250;
/** Sales asked for the names of what was ordered; orders of older ones show the sku. */
const NAMED_SALES_MAX = 10;

const main = byId("main");
const stage = byId("stage");
const notice = byId("notice");

function showNotice(text: string): void {
  setText(notice, text);
  notice.hidden = text === "";
}

/** A status in the shopper's words. */
const STATUS_WORDS: Readonly<Record<OrderStatus, string>> = {
  RESERVED: "Reserved, not paid yet",
  PAYMENT_PENDING: "Payment under way",
  CONFIRMED: "Confirmed",
  SHIPPED: "On its way",
  DELIVERED: "Delivered",
  EXPIRED: "Reservation ran out",
  PAYMENT_FAILED: "Payment failed",
  CANCELLED: "Cancelled",
  REFUNDED: "Refunded",
};

function endedPanel({ order }: OrderModel): Panel<OrderModel> {
  const ending = orderEnding(order);
  const heading = panelHeading(ending?.heading ?? STATUS_WORDS[order.status]);
  const links = h(
    "div",
    { class: "actions" },
    h("a", { class: "button button-main", href: saleLink(order.saleId) }, "Back to the sale"),
    h("a", { class: "button button-quiet", href: "/" }, "Other sales"),
  );
  const root = h(
    "div",
    { class: "panel-body panel-end" },
    heading,
    lead(ending?.text ?? ""),
    links,
  );
  return { root, heading, update: () => undefined };
}

function panelOf(screen: string, model: OrderModel, flow: OrderFlow): Panel<OrderModel> {
  const actions = {
    pay: (token: string) => void flow.pay(token),
    cancel: () => void flow.cancel(),
  };
  switch (screen) {
    case "reserved":
    case "declined":
      return holdPanel(screen === "declined", actions);
    case "paying":
      return payingPanel();
    case "confirmed":
      return confirmedPanel(true);
    default:
      return endedPanel(model);
  }
}

function screenOf(order: Order): string {
  if (order.status === "PAYMENT_FAILED") {
    return "failed";
  }
  return order.status === "REFUNDED" ? "refunded" : (orderScreen(order) ?? "cancelled");
}

function showOrder(orderId: string): void {
  const connection = createConnection(byId("connection"));
  let shown: { readonly screen: string; readonly panel: Panel<OrderModel> } | null = null;
  let sale: Sale | null = null;
  let isSaleAsked = false;

  const flow = new OrderFlow({
    changed: () => queueMicrotask(draw),
    problem: (error) => showNotice(error === null ? "" : readableProblem(error)),
    retrying: connection.retrying,
    failures: (count, error) => connection.failures("order", count, error),
    lost: () => {
      main.dataset["state"] = "missing";
      stage.replaceChildren(
        h(
          "div",
          { class: "panel-body" },
          panelHeading("There is no such order here"),
          lead("A guest’s orders belong to the browser that made them, for a day."),
          h(
            "div",
            { class: "actions" },
            h("a", { class: "button button-main", href: ORDERS_LINK }, "Your orders"),
          ),
        ),
      );
    },
  });

  /** The sale only gives the article its name; without it the sku has to do. */
  const askSale = async (saleId: string): Promise<void> => {
    isSaleAsked = true;
    sale = await getSale(saleId).catch(() => null);
    draw();
  };

  function draw(): void {
    const { order, errand } = flow;
    if (order === null) {
      return;
    }
    if (!isSaleAsked) {
      void askSale(order.saleId);
    }
    if (errand === null) {
      connection.settled();
    }
    const screen = screenOf(order);
    const itemName = sale?.items.find(({ sku }) => sku === order.sku)?.name ?? order.sku;
    const model: OrderModel = { order, itemName, errand };
    const isNew = shown?.screen !== screen;
    const panel = shown !== null && !isNew ? shown.panel : panelOf(screen, model, flow);
    panel.update(model, serverNowMs());
    if (isNew) {
      stage.replaceChildren(panel.root);
      if (shown !== null) {
        focusOn(panel.heading);
      }
      shown = { screen, panel };
    }
    const state = screen === "failed" ? "declined" : screen;
    main.dataset["state"] = connection.isOffline() ? "offline" : state;
    document.title = `${STATUS_WORDS[order.status]} · Ropeline`;
  }

  flow.follow(orderId);
  setInterval(draw, TICK_MS);
}

async function showOrders(): Promise<void> {
  main.dataset["state"] = "list";
  document.title = "Your orders · Ropeline";
  const connection = createConnection(byId("connection"));
  // A browser that never joined a line has no orders, and needs no identity to be told so.
  const orders = hasGuest()
    ? await untilAnswered(() => asGuest(listOrders), connection.retrying)
    : [];
  connection.settled();
  const names = await articleNames(orders);
  stage.replaceChildren(
    h(
      "div",
      { class: "panel-body" },
      panelHeading("Your orders"),
      orders.length === 0
        ? lead("No orders yet in this browser. What you buy in a sale shows up here.")
        : h("ul", { class: "order-list" }, ...orders.map((order) => orderRow(order, names))),
      h(
        "div",
        { class: "actions" },
        h("a", { class: "button button-quiet", href: "/" }, "To the shop"),
      ),
    ),
  );
}

/** The names of the articles by sku; one whose sale is not found keeps its sku. */
async function articleNames(orders: readonly Order[]): Promise<ReadonlyMap<string, string>> {
  const saleIds = [...new Set(orders.map(({ saleId }) => saleId))].slice(0, NAMED_SALES_MAX);
  const sales = await Promise.all(saleIds.map((saleId) => getSale(saleId).catch(() => null)));
  return new Map(
    sales.flatMap((sale) => sale?.items.map(({ sku, name }) => [sku, name] as const) ?? []),
  );
}

function orderRow(
  { orderId, quantity, sku, status, total, createdAt }: Order,
  names: ReadonlyMap<string, string>,
): HTMLElement {
  const name = names.get(sku) ?? sku;
  return h(
    "li",
    {},
    h(
      "a",
      { href: orderLink(orderId) },
      h("span", { class: "order-what" }, quantity > 1 ? `${quantity} × ${name}` : name),
      h("span", { class: "order-when" }, formatMoment(createdAt)),
      h("span", { class: `badge badge-${status.toLowerCase()}` }, STATUS_WORDS[status]),
      h("span", { class: "order-total" }, formatMoney(total)),
    ),
  );
}

async function open(): Promise<void> {
  const orderId = idOfPage();
  if (orderId !== null) {
    showOrder(orderId);
    return;
  }
  try {
    await showOrders();
  } catch (error) {
    showNotice(readableProblem(error));
  }
}

void open();
