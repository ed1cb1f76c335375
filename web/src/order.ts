/** The page of one order, or without an id the list of all orders of this shopper. */
import { getSale, listNotifications, listOrders } from "./api.ts";
import { untilAnswered } from "./attempts.ts";
import { serverNowMs } from "./clock.ts";
import { createConnection } from "./connection.ts";
import type { Order, Sale } from "./contract.ts";
import { byId, focusOn, h } from "./dom.ts";
import { formatMoment, formatMoney } from "./format.ts";
import { idOfPage, ORDERS_LINK, orderLink } from "./links.ts";
import { createNotice } from "./notice.ts";
import { OrderFlow } from "./order-flow.ts";
import { statusWords } from "./order-text.ts";
import { endedOrderPanel, orderPanel } from "./panels/order-panels.ts";
import type { OrderActions, OrderModel } from "./panels/order-parts.ts";
import { messageList } from "./panels/messages.ts";
import { lead, panelHeading, type Panel } from "./panels/panel.ts";
import { readableProblem } from "./problem.ts";
import { asGuest, hasGuest } from "./session.ts";
import { orderScreen } from "./waiting.ts";

const TICK_MS = 250;
/** Sales asked for the names of what was ordered; orders of older ones show the sku. */
const NAMED_SALES_MAX = 10;

const main = byId("main");
const stage = byId("stage");
const messages = byId("messages");
const showNotice = createNotice(byId("notice"));

/** What the page shows of an order; also the value of `data-state`, but for a payment that failed. */
function screenOf(order: Order): string {
  return order.status === "PAYMENT_FAILED" ? "failed" : (orderScreen(order) ?? "cancelled");
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

  const actions: OrderActions = {
    pay: (payment) => void flow.pay(payment),
    cancel: () => void flow.cancel(),
  };

  /** The sale only gives the article its name; without it the sku has to do. */
  const askSale = async (saleId: string): Promise<void> => {
    isSaleAsked = true;
    sale = await getSale(saleId).catch(() => null);
    draw();
  };

  function draw(): void {
    const { errand } = flow;
    const { order, cardsAgainAtMs } = flow.held;
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
    const model: OrderModel = {
      order,
      itemName,
      errand,
      cardsAgainAtMs,
      needsAddress: sale?.limits.perPostalAddress !== undefined,
    };
    const isNew = shown?.screen !== screen;
    const panel =
      shown !== null && !isNew
        ? shown.panel
        : (orderPanel(screen, actions, true) ?? endedOrderPanel());
    panel.update(model, serverNowMs());
    if (shown === null) {
      messages.replaceChildren(
        messageList(() => asGuest((bearer) => listNotifications(bearer, orderId))),
      );
    }
    if (isNew) {
      stage.replaceChildren(panel.root);
      if (shown !== null) {
        focusOn(panel.heading);
      }
      shown = { screen, panel };
    }
    const state = screen === "failed" ? "declined" : screen;
    main.dataset["state"] = connection.isOffline() ? "offline" : state;
    document.title = `${statusWords(order)} · Ropeline`;
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
  if (hasGuest()) {
    messages.replaceChildren(messageList(() => asGuest((bearer) => listNotifications(bearer))));
  }
}

/** The names of the articles by sku; one whose sale is not found keeps its sku. */
async function articleNames(orders: readonly Order[]): Promise<ReadonlyMap<string, string>> {
  const saleIds = [...new Set(orders.map(({ saleId }) => saleId))].slice(0, NAMED_SALES_MAX);
  const sales = await Promise.all(saleIds.map((saleId) => getSale(saleId).catch(() => null)));
  return new Map(
    sales.flatMap((sale) => sale?.items.map(({ sku, name }) => [sku, name] as const) ?? []),
  );
}

function orderRow(order: Order, names: ReadonlyMap<string, string>): HTMLElement {
  const { orderId, quantity, sku, status, total, createdAt } = order;
  const name = names.get(sku) ?? sku;
  return h(
    "li",
    {},
    h(
      "a",
      { href: orderLink(orderId) },
      h("span", { class: "order-what" }, quantity > 1 ? `${quantity} × ${name}` : name),
      h("span", { class: "order-when" }, formatMoment(createdAt)),
      h("span", { class: `badge badge-${status.toLowerCase()}` }, statusWords(order)),
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
